import { type JsonObject, listOf, objectOf, stringOf } from "../../../src/vocabulary/json.ts";

/** What runs in a pod. */
export interface Program {
  stop(): Promise<void>;
}

/** How the pods of a Deployment fare, by the Deployment's engine label. */
export interface Fate {
  /** Its image is nowhere. */
  imageMissing?: boolean;
  /** A volume it mounts is nowhere. */
  mountMissing?: boolean;
  /** It stays where its node fetches the image. */
  fetches?: boolean;
  /** It goes on when it is asked to end. */
  ignoresTerm?: boolean;
  /** What its container runs; absent: nothing that could be called. */
  run?: () => Promise<Program>;
}

/** What a kubelet does to its API server. */
export interface NodeApi {
  status(pod: string, status: JsonObject): Promise<void>;
  /** The pod has ended: its object may go. */
  gone(pod: string, uid: string): Promise<void>;
  warn(pod: JsonObject, reason: string, message: string): Promise<void>;
}

export interface Kubelet {
  /** By engine, `*` for all others. */
  readonly fates: Map<string, Fate>;
  /** It says nothing any more, as the kubelet of a node that is lost. */
  silent: boolean;
  /** Told of every pod that has a node, as it is now. */
  see(pods: readonly JsonObject[]): void;
  /** What a pod's container said; `undefined`: it has not begun. */
  logs(pod: JsonObject, query: URLSearchParams): string | undefined;
  /** Makes the engine's container say this. */
  say(engine: string, line: string): void;
  /** Its container ends by itself, and is started again. */
  crash(engine: string, ended: { readonly exitCode: number; readonly reason: string }): Promise<void>;
  /** It is thrown off its node, which is short of memory. */
  evict(engine: string): Promise<void>;
  stop(): Promise<void>;
}

/** A container as its kubelet knows it. */
interface Container {
  readonly uid: string;
  readonly name: string;
  readonly engine: string;
  readonly container: string;
  restarts: number;
  lines: string[];
  previous: string[];
  begun: boolean;
  ended: boolean;
  program?: Program;
  kill?: ReturnType<typeof setTimeout>;
}

/** A fake node's kubelet: it says of pods what a kubelet says, through the API, and lets fates decide. A container that ends is started again at once, without back-off. */
export function startKubelet(api: NodeApi): Kubelet {
  const containers = new Map<string, Container>();
  const fates = new Map<string, Fate>();
  const fateOf = ({ engine }: Container): Fate => fates.get(engine) ?? fates.get("*") ?? {};
  const liveOf = (engine: string): Container => {
    const live = [...containers.values()].find((each) => each.engine === engine && !each.ended);
    if (live === undefined) throw new Error(`No pod of ${engine} runs.`);
    return live;
  };

  async function begin(pod: JsonObject, container: Container): Promise<void> {
    const fate = fateOf(container);
    const image = stringOf(objectOf(listOf(objectOf(pod["spec"])["containers"])[0])["image"]) ?? "";
    const waits = (reason: string, message?: string) => report(container, "Pending", { waiting: { reason, ...(message === undefined ? {} : { message }) } });
    await waits("ContainerCreating");
    if (fate.fetches) return;
    if (fate.mountMissing) {
      return api.warn(pod, "FailedMount", 'MountVolume.SetUp failed for volume "models" : hostPath type check failed: /models is not a directory');
    }
    if (fate.imageMissing) {
      const why = `failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`;
      await waits("ErrImagePull", why);
      return waits("ImagePullBackOff", `Back-off pulling image "${image}": ErrImagePull: ${why}`);
    }
    await run(container);
  }

  async function run(container: Container, lastState: JsonObject = {}): Promise<void> {
    container.program = await fateOf(container).run?.();
    container.begun = true;
    container.lines.push(`${container.engine} has begun`);
    await report(container, "Running", { running: { startedAt: now() } }, lastState);
  }

  async function report(container: Container, phase: string, state: JsonObject, lastState: JsonObject = {}): Promise<void> {
    if (silent()) return;
    const runs = state["running"] !== undefined;
    const status = { name: container.container, state, lastState, ready: runs, restartCount: container.restarts, image: "", imageID: "" };
    await api.status(container.name, { phase, containerStatuses: [status] });
  }

  async function end(container: Container, exitCode: number): Promise<void> {
    if (container.ended || silent()) return;
    container.ended = true;
    clearTimeout(container.kill);
    await container.program?.stop();
    if (container.begun)
      await report(container, exitCode === 0 ? "Succeeded" : "Failed", { terminated: terminated(exitCode, exitCode === 0 ? "Completed" : "Error") });
    await api.gone(container.name, container.uid);
  }

  function asked(pod: JsonObject, container: Container): void {
    const { deletionTimestamp } = objectOf(pod["metadata"]);
    if (deletionTimestamp === undefined || container.ended) return;
    if (!fateOf(container).ignoresTerm || !container.begun) return void end(container, 0);
    clearTimeout(container.kill);
    container.kill = setTimeout(() => void end(container, 137), Math.max(0, Date.parse(String(deletionTimestamp)) - Date.now()));
  }

  const kubelet: Kubelet = {
    fates,
    silent: false,
    see(pods) {
      const there = new Set<string>();
      for (const pod of pods) {
        const { uid: id, name, labels } = objectOf(pod["metadata"]);
        const uid = String(id);
        there.add(uid);
        let container = containers.get(uid);
        if (container === undefined) {
          container = newContainer(uid, String(name), { engine: String(objectOf(labels)["signalbox.io/engine"] ?? objectOf(labels)["app"]), pod });
          containers.set(uid, container);
          void begin(pod, container);
        }
        asked(pod, container);
      }
      // One that was struck off is killed all the same, as soon as its node hears of it.
      for (const container of containers.values()) if (!there.has(container.uid)) void struckOff(container);
    },
    logs(pod, query) {
      const container = containers.get(String(objectOf(pod["metadata"])["uid"]));
      if (container === undefined || !container.begun) return undefined;
      const lines = query.get("previous") === "true" ? container.previous : container.lines;
      return lines
        .slice(-Number(query.get("tailLines") ?? lines.length))
        .map((line) => `${line}\n`)
        .join("");
    },
    say: (engine, line) => void liveOf(engine).lines.push(line),
    async crash(engine, { exitCode, reason }) {
      const container = liveOf(engine);
      await container.program?.stop();
      const state = { terminated: terminated(exitCode, reason) };
      await report(container, "Running", state);
      container.restarts += 1;
      container.previous = container.lines;
      container.lines = [];
      await run(container, state);
    },
    async evict(engine) {
      const container = liveOf(engine);
      container.ended = true;
      await container.program?.stop();
      await api.status(container.name, {
        phase: "Failed",
        reason: "Evicted",
        message: "The node was low on resource: memory. Threshold quantity: 100Mi, available: 20Mi.",
        containerStatuses: null,
      });
    },
    async stop() {
      for (const container of containers.values()) {
        clearTimeout(container.kill);
        if (!container.ended) await container.program?.stop();
      }
    },
  };
  const silent = () => kubelet.silent;
  return kubelet;
}

async function struckOff(container: Container): Promise<void> {
  if (container.ended) return;
  container.ended = true;
  clearTimeout(container.kill);
  await container.program?.stop();
}

function newContainer(uid: string, name: string, { engine, pod }: { readonly engine: string; readonly pod: JsonObject }): Container {
  const container = stringOf(objectOf(listOf(objectOf(pod["spec"])["containers"])[0])["name"]) ?? "";
  return { uid, name, engine, container, restarts: 0, lines: [], previous: [], begun: false, ended: false };
}

function terminated(exitCode: number, reason: string): JsonObject {
  return { exitCode, reason, startedAt: now(), finishedAt: now() };
}

function now(): string {
  return new Date().toISOString();
}
