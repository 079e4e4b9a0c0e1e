import { type JsonObject, listOf, objectOf } from "../../../src/vocabulary/json.ts";
import { type Program, type Run, sleeper } from "./programs.ts";

/** What befalls the pods of an engine on their way, besides what they run. */
export interface Fate {
  /** Its image is nowhere. */
  readonly imageMissing?: boolean;
  /** A volume it mounts is nowhere. */
  readonly mountMissing?: boolean;
  /** Its node fetches the image, and goes on fetching. */
  readonly fetches?: boolean;
  /** What its container runs; else `sleeper`. */
  readonly run?: Run;
}

/** What a kubelet tells its API server. */
export interface NodeApi {
  status(pod: string, status: JsonObject): Promise<void>;
  /** The pod has ended: its object may go. */
  gone(pod: string, uid: string): Promise<void>;
  warn(pod: JsonObject, reason: string, message: string): Promise<void>;
}

export interface Kubelet {
  /** By the label `app` of the pod; `*`: of all others. */
  readonly fates: Map<string, Fate>;
  /** It says nothing any more, as the kubelet of a node that is lost. */
  silent: boolean;
  /** Told of all pods of this node, as they are now. */
  see(pods: readonly JsonObject[]): void;
  /** What a pod's container said; `undefined`: it has not begun. */
  logs(pod: JsonObject, query: URLSearchParams): string | undefined;
  /** The container of this app ends by itself, or by the kernel's hand. */
  crash(app: string, ended: { readonly exitCode: number; readonly reason?: string }): void;
  /** The pod of this app is thrown off its node, which is short of memory. */
  evict(app: string): Promise<void>;
  stop(): void;
}

/** A pod's one container as its kubelet knows it. */
interface Container {
  readonly uid: string;
  readonly pod: string;
  readonly app: string;
  readonly spec: JsonObject;
  restarts: number;
  lines: string[];
  previous: string[];
  lastState: JsonObject;
  /** Why it ends next, if that is no secret. */
  reason?: string;
  deleting: boolean;
  over: boolean;
  program?: Program;
  timer?: ReturnType<typeof setTimeout>;
}

/** The second and later restarts of a container wait, in milliseconds: a real kubelet waits as long at first, and then twice as long each time. */
const BACK_OFF = 10_000;

/** A fake node's kubelet: it says of pods through the API what a kubelet says, and runs what they are to run in this process. */
export function startKubelet(api: NodeApi): Kubelet {
  const containers = new Map<string, Container>();
  const fates = new Map<string, Fate>();
  const fateOf = ({ app }: Container): Fate => fates.get(app) ?? fates.get("*") ?? {};

  async function begin(pod: JsonObject, container: Container): Promise<void> {
    const { imageMissing, mountMissing, fetches } = fateOf(container);
    const image = String(container.spec["image"]);
    const waits = (reason: string, message?: string) => report(container, { phase: "Pending", state: { waiting: { reason, message } } });
    await waits("ContainerCreating");
    if (fetches) return;
    if (mountMissing) {
      return api.warn(pod, "FailedMount", 'MountVolume.SetUp failed for volume "models" : hostPath type check failed: /models is not a directory');
    }
    if (imageMissing) {
      const why = `failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`;
      await waits("ErrImagePull", why);
      return waits("ImagePullBackOff", `Back-off pulling image "${image}": ErrImagePull: ${why}`);
    }
    await run(container);
  }

  async function run(container: Container): Promise<void> {
    if (container.over || container.deleting) return;
    container.lines = [];
    const start = fateOf(container).run ?? sleeper;
    const program = start(container.spec, {
      log: (line) => void container.lines.push(line),
      ended: (code) => void ended(container, code),
    });
    container.program = program;
    await report(container, { phase: "Running", state: { running: { startedAt: now() } } });
  }

  async function ended(container: Container, code: number): Promise<void> {
    if (container.over || kubelet.silent) return;
    container.program = undefined;
    clearTimeout(container.timer);
    const state = { terminated: { exitCode: code, reason: container.reason ?? (code === 0 ? "Completed" : "Error"), startedAt: now(), finishedAt: now() } };
    container.reason = undefined;
    if (container.deleting) {
      container.over = true;
      await report(container, { phase: code === 0 ? "Succeeded" : "Failed", state });
      return api.gone(container.pod, container.uid);
    }
    await report(container, { phase: "Running", state });
    container.previous = container.lines;
    container.lastState = state;
    container.restarts += 1;
    if (container.restarts === 1) return run(container);
    const message = `back-off 10s restarting failed container=${container.spec["name"]} pod=${container.pod}`;
    await report(container, { phase: "Running", state: { waiting: { reason: "CrashLoopBackOff", message } } });
    container.timer = setTimeout(() => void run(container), BACK_OFF);
  }

  async function report(
    { pod, spec, restarts, lastState }: Container,
    { phase, state }: { readonly phase: string; readonly state: JsonObject },
  ): Promise<void> {
    if (kubelet.silent) return;
    const status = { name: spec["name"], state, lastState, ready: state["running"] !== undefined, restartCount: restarts, image: "", imageID: "" };
    await api.status(pod, { phase, containerStatuses: [status] });
  }

  /** Its end is asked for: SIGTERM, and SIGKILL when its grace is over, which may be made shorter. */
  function end(container: Container, deletionTimestamp: string): void {
    if (container.over) return;
    clearTimeout(container.timer);
    if (container.program === undefined) {
      container.over = true;
      return void (kubelet.silent || api.gone(container.pod, container.uid));
    }
    if (!container.deleting) {
      container.deleting = true;
      container.program.terminate();
    }
    if (container.program !== undefined) container.timer = setTimeout(() => container.program?.kill(), Math.max(0, Date.parse(deletionTimestamp) - Date.now()));
  }

  function drop(container: Container): void {
    container.over = true;
    clearTimeout(container.timer);
    container.program?.kill();
  }

  function liveOf(app: string): Container {
    const live = [...containers.values()].find((each) => each.app === app && !each.over);
    if (live === undefined) throw new Error(`No pod of ${app} runs.`);
    return live;
  }

  const kubelet: Kubelet = {
    fates,
    silent: false,
    see(pods) {
      const there = new Set<string>();
      for (const pod of pods) {
        const { uid: id, deletionTimestamp } = objectOf(pod["metadata"]);
        const uid = String(id);
        const known = containers.get(uid);
        there.add(uid);
        if (known === undefined) {
          const container = newContainer(uid, pod);
          containers.set(uid, container);
          void begin(pod, container);
        } else if (deletionTimestamp !== undefined) end(known, String(deletionTimestamp));
      }
      // One that was struck off is killed all the same, as soon as its node hears of it.
      for (const container of containers.values()) if (!there.has(container.uid) && !container.over) drop(container);
    },
    logs(pod, query) {
      const container = containers.get(String(objectOf(pod["metadata"])["uid"]));
      if (container === undefined || (container.program === undefined && container.restarts === 0)) return undefined;
      const lines = query.get("previous") === "true" ? container.previous : container.lines;
      const tail = lines.slice(-Number(query.get("tailLines") ?? lines.length));
      return tail.map((line) => `${line}\n`).join("");
    },
    crash(app, { exitCode, reason }) {
      const container = liveOf(app);
      container.reason = reason;
      void ended(container, exitCode);
    },
    async evict(app) {
      const container = liveOf(app);
      drop(container);
      const message = "The node was low on resource: memory. Threshold quantity: 100Mi, available: 20Mi.";
      await api.status(container.pod, { phase: "Failed", reason: "Evicted", message, containerStatuses: null });
    },
    stop() {
      for (const container of containers.values()) drop(container);
    },
  };
  return kubelet;
}

function newContainer(uid: string, pod: JsonObject): Container {
  const { name, labels } = objectOf(pod["metadata"]);
  const spec = objectOf(listOf(objectOf(pod["spec"])["containers"])[0]);
  const app = String(objectOf(labels)["app"]);
  return { uid, pod: String(name), app, spec, restarts: 0, lines: [], previous: [], lastState: {}, deleting: false, over: false };
}

function now(): string {
  return new Date().toISOString();
}
