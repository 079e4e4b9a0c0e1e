import type { DriverEvent, Exit } from "../driver.ts";
import { DEPLOYMENTS, PODS } from "./api/call.ts";
import type { ApiClient } from "./api/client.ts";
import { follow, type Selection } from "./api/follow.ts";
import { failureOf } from "./api/refusal.ts";
import { ENGINE_LABEL } from "./claim.ts";
import { endingOf } from "./ending.ts";
import { type Pod, readPod } from "./objects/pod.ts";
import { claimedBy, type OurDeployment } from "./our-deployments.ts";

/** Sees the ends of our engines as they happen, while anybody listens. */
export interface Watchman {
  watch(listener: (event: DriverEvent) => void): () => void;
  /** How this start ended, if it was seen to. */
  exitOf(name: string): Exit | undefined;
  /** It was seen to end by somebody else. */
  ended(name: string, exit: Exit): void;
  /** It is started again, or no more: its next end is another one. */
  forget(name: string): void;
  close(): void;
}

/** One watch of all our Deployments, and one of the pods of each that was started: their selectors are the operator's, and have nothing in common. */
export function watchman(client: ApiClient, install: string): Watchman {
  const listeners = new Set<(event: DriverEvent) => void>();
  const exits = new Map<string, Exit>();
  const followed = new Map<string, Followed>();
  const troubled = new Set<string>();
  let watching: AbortController | undefined;

  const tell = (event: DriverEvent) => {
    for (const listener of [...listeners]) listener(event);
  };

  function begin(): void {
    const own = new AbortController();
    watching = own;
    observe("", { selection: { resource: DEPLOYMENTS, labelSelector: ENGINE_LABEL }, signal: own.signal }, (objects) => {
      const started = claimedBy(install, objects).filter(({ claim }) => claim.started);
      const names = new Set(started.map(({ claim }) => claim.name));
      for (const name of [...followed.keys()]) if (!names.has(name)) leave(name);
      for (const each of started) if (!followed.has(each.claim.name)) followPods(each);
    });
  }

  function followPods({ claim: { name }, deployment }: OurDeployment): void {
    const pods: Followed = { ended: new AbortController(), seen: [] };
    followed.set(name, pods);
    observe(name, { selection: { resource: PODS, labelSelector: deployment.podSelector }, signal: pods.ended.signal }, (objects) => {
      const now = objects.map(readPod);
      const known = new Set(pods.seen.map(({ uid }) => uid));
      // One that was ending when it was first seen is of a start before this one.
      const ours = now.filter(({ uid, ending }) => known.has(uid) || !ending);
      const exit = endingOf(pods.seen, ours);
      pods.seen = ours;
      if (exit !== undefined) ended(name, exit);
    });
  }

  function ended(name: string, exit: Exit): void {
    if (exits.has(name)) return;
    exits.set(name, exit);
    tell({ type: "exited", name, exit });
  }

  /** Follows, and tells that Kubernetes is lost with the first that cannot be followed, and back with the last that can again. */
  function observe(key: string, what: { selection: Selection; signal: AbortSignal }, changed: Parameters<typeof follow>[2]["changed"]): void {
    void follow(client, what, {
      changed,
      troubled(error) {
        if (troubled.size === 0) tell({ type: "lost", why: failureOf(error).message });
        troubled.add(key);
      },
      well: () => recovered(key),
    });
  }

  function recovered(key: string): void {
    if (troubled.delete(key) && troubled.size === 0) tell({ type: "back" });
  }

  function leave(name: string): void {
    followed.get(name)?.ended.abort();
    followed.delete(name);
    exits.delete(name);
    recovered(name);
  }

  function end(): void {
    watching?.abort();
    watching = undefined;
    for (const name of [...followed.keys()]) leave(name);
    troubled.clear();
  }

  return {
    watch(listener) {
      listeners.add(listener);
      if (watching === undefined) begin();
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) end();
      };
    },
    exitOf: (name) => exits.get(name),
    ended,
    forget: (name) => void exits.delete(name),
    close() {
      listeners.clear();
      end();
    },
  };
}

interface Followed {
  readonly ended: AbortController;
  seen: readonly Pod[];
}
