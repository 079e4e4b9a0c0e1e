/** How engines become containers, beside what each of them says itself. */
export interface DockerOptions {
  /** `unix:///var/run/docker.sock`, or `tcp://host:port` for a proxy before it. */
  readonly host: string;
  readonly install: string;
  /** What engines are made of that name no image. */
  readonly image?: string;
  /** Whether an image that is not there is pulled. */
  readonly pull: "missing" | "never";
  /** Engines join it and are called by their containers' names; absent: they are published. */
  readonly network?: string;
  /** The address of Docker's machine that engines are published and called at. */
  readonly publishAt: string;
  /** Where engines listen inside of their containers. */
  readonly containerPort: number;
  /** A runtime that gives GPUs by `NVIDIA_VISIBLE_DEVICES`; absent: they are requested as devices. */
  readonly runtime?: string;
  /** For engines over several GPUs: the host's shared memory, or so many bytes of their own. */
  readonly sharedMemory: "host" | number;
  /** Binds of every engine, beside its own: caches of models and of what is compiled from them. */
  readonly binds: readonly string[];
  /** The most bytes of the machine's memory for one engine. */
  readonly memory?: number;
  /** `1000:1000`; absent: as the image says. */
  readonly user?: string;
}
