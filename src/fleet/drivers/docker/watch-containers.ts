import { setTimeout as pause } from "node:timers/promises";
import { type JsonObject, objectOf, stringOf } from "../../../vocabulary/json.ts";
import { type DriverEvent, DriverFailure } from "../driver.ts";
import type { Container } from "./container.ts";
import type { DockerApi } from "./docker-api.ts";
import { driverFailureOf } from "./docker-failure.ts";
import { labelOf } from "./labels.ts";
import { createToldExits } from "./told-exits.ts";

/** Milliseconds. */
export interface DockerTiming {
  /** Before the first and, doubled each time, the most before later attempts to hear events again. */
  readonly retry: readonly [first: number, most: number];
  /** Between questions that find out whether a silent daemon is still there. */
  readonly pulse: number;
  /** After so long without a word a pull has failed. */
  readonly stall: number;
}

/** Somebody who listens. */
export interface Watch {
  /** Somebody was shown this container. */
  shown(container: Container): void;
  end(): void;
}

/** Tells of ends of an installation's containers, and of times when nobody could tell. */
export function watchContainers(
  { api, install, timing }: { readonly api: DockerApi; readonly install: string; readonly timing: DockerTiming },
  listener: (event: DriverEvent) => void,
): Watch {
  const label = labelOf(install);
  const ending = new AbortController();
  const told = createToldExits();
  let lost = false;
  let begun = false;
  let [wait, most] = timing.retry;

  const tell = (event: DriverEvent | undefined) => {
    if (event !== undefined && !ending.signal.aborted) listener(event);
  };

  /** One connection, from its list to its end. */
  async function listen(): Promise<void> {
    const broken = new AbortController();
    const signal = AbortSignal.any([ending.signal, broken.signal]);
    if (!begun) told.begin(await api.listContainers(label));
    begun = true;
    const events = await api.followEvents(label, signal);
    // What happens from here on is in the events; what happened before is in the list.
    for (const event of told.listed(await api.listContainers(label))) tell(event);
    if (lost) tell({ type: "back" });
    lost = false;
    wait = timing.retry[0];
    const pulse = setInterval(() => api.ping().catch((error: unknown) => broken.abort(error)), timing.pulse);
    try {
      for await (const event of events) await hear(event);
    } catch (error) {
      throw broken.signal.aborted ? broken.signal.reason : error;
    } finally {
      clearInterval(pulse);
      broken.abort();
    }
    throw new DriverFailure("driver-gone", "Docker has ended the stream of its events.");
  }

  async function hear(event: JsonObject): Promise<void> {
    const { ID, Attributes } = objectOf(event["Actor"]);
    const id = stringOf(ID);
    const attributes = objectOf(Attributes);
    const name = stringOf(attributes["name"]);
    if (id === undefined || name === undefined) return;
    switch (event["Action"]) {
      case "start":
        return told.started(id, name);
      case "die":
      // Podman's.
      case "died": {
        // The event does not know whether the machine's memory ran out.
        const container = await api.inspectContainer(id).catch(() => undefined);
        return tell(told.ended({ id, name, code: codeOf(attributes), container }));
      }
      case "destroy":
      // Podman's.
      case "remove":
        return told.removed(id);
      default:
    }
  }

  async function watch(): Promise<void> {
    while (!ending.signal.aborted) {
      try {
        await listen();
      } catch (error) {
        if (!lost) tell({ type: "lost", why: whyOf(driverFailureOf(error, "Docker does not tell its events")) });
        lost = true;
        await pause(wait, undefined, { signal: ending.signal }).catch(() => undefined);
        wait = Math.min(wait * 2, most);
      }
    }
  }

  void watch();
  return { shown: told.shown, end: () => ending.abort() };
}

const whyOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

function codeOf(attributes: JsonObject): number | undefined {
  const code = stringOf(attributes["exitCode"]) ?? stringOf(attributes["containerExitCode"]);
  return code === undefined ? undefined : Number(code);
}
