/** What an engine is for: by it readiness and progress are judged. */
export const ENGINE_TASKS = ["chat", "embed", "rerank"] as const;
export type EngineTask = (typeof ENGINE_TASKS)[number];

/** Who runs engines. `static`: nobody we know of, they are there already; `simulated`: nobody, there are none. */
export const DRIVERS = ["docker", "process", "kubernetes", "static", "simulated"] as const;
export type DriverName = (typeof DRIVERS)[number];

/** One engine as the config describes it: what runs, where, and for how long. Memory is bytes, durations are milliseconds. */
export interface EngineSpec {
  readonly name: string;
  /** The kind of provider it is called as: `vllm`, `llama.cpp`. */
  readonly kind: string;
  /** What it loads: a name at Hugging Face or a path. Its clients call it so. */
  readonly model: string;
  readonly task: EngineTask;
  readonly driver: DriverName;
  /** Which of the drivers in force runs it: `docker`, or `docker on dgx` for another machine's. */
  readonly runner: string;
  /** Ids of the GPUs it runs on, in order: `0`, `dgx/1`. None: it needs no GPU. */
  readonly gpus: readonly string[];
  /** On each of its GPUs; 0: it is not known, or it needs none. */
  readonly vram: number;
  readonly tensorParallel: number;
  /** Tokens of prompt and answer together; absent: as the model has it. */
  readonly maxModelLen?: number;
  /** May it be started with a shorter context, where its memory does not hold that? */
  readonly mayShorten: boolean;
  /** Requests at once; absent: no bound. */
  readonly maxConcurrent?: number;
  readonly maxQueue: number;
  /** Without a request for so long it is stopped; 0: never. */
  readonly idleTimeout: number;
  /** So long without progress, and its start has failed. */
  readonly startTimeout: number;
  /** Started with the gateway, and again whenever there is room. */
  readonly preload: boolean;
  /** Docker: what it is made of. */
  readonly image?: string;
  /**
   * The command that runs it, where that is not its image's own; the process driver needs one. `{port}` is the port it is to listen at, `{host}`
   * the address, `{model}` its model, `{name}` the name of this start.
   */
  readonly command?: readonly string[];
  /** Added to the command's arguments. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Docker: binds, `/host/path:/container/path[:ro]`. */
  readonly volumes: readonly string[];
  /** Static: where it is, with its version path: `http://10.0.0.5:8000/v1`. Kubernetes: where it is called, if not by its Service. */
  readonly url?: string;
  /** Kubernetes: the name of the Deployment that is scaled, and of the Service it is called by; absent: they are found by their label, `signalbox.io/engine`. */
  readonly workload?: string;
  /** Says whether a running engine is still what the config describes. */
  readonly hash: string;
}
