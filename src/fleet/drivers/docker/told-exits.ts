import type { DriverEvent } from "../driver.ts";
import type { Container } from "./container.ts";

/** Which ends of containers have been told: each once, whether an event says so, or a list after events were missed. */
export interface ToldExits {
  /** Somebody was shown it as running: its end is news, also if nobody was listening yet. */
  shown(container: Container): void;
  /** What had ended before anybody listened is no news. */
  begin(containers: readonly Container[]): void;
  /** All there are, after events may have been missed. Gives the ends nobody was told of. */
  listed(containers: readonly Container[]): DriverEvent[];
  started(id: string, name: string): void;
  /** It ended, as an event says; the container is as it was found then, if it was still there. Gives nothing if that was told already. */
  ended(event: EndEvent): DriverEvent | undefined;
  removed(id: string): void;
}

interface EndEvent {
  readonly id: string;
  readonly name: string;
  readonly code?: number;
  readonly container?: Container;
}

export function createToldExits(): ToldExits {
  const running = new Map<string, string>();
  /** When each ended, by Docker's clock: a container that ends twice ends at two times. */
  const told = new Map<string, string>();

  const isNew = ({ id, exit }: Container) => exit !== undefined && told.get(id) !== exit.at;

  function note(container: Container): void {
    const { id, name, exit, status } = container;
    if (exit !== undefined) told.set(id, exit.at);
    if (status === "running") running.set(id, name);
    else running.delete(id);
  }

  function removed(id: string): void {
    running.delete(id);
    told.delete(id);
  }

  return {
    removed,
    shown({ id, name, status }) {
      if (status === "running" && !told.has(id)) running.set(id, name);
    },
    begin(containers) {
      for (const container of containers) if (!running.has(container.id)) note(container);
    },
    listed(containers) {
      const there = new Set(containers.map(({ id }) => id));
      const gone = [...running].filter(([id]) => !there.has(id));
      const news = [...gone.map(([, name]) => exited(name, {})), ...containers.filter(isNew).map(({ name, exit }) => exited(name, exit))];
      for (const id of [...running.keys(), ...told.keys()].filter((id) => !there.has(id))) removed(id);
      for (const container of containers) note(container);
      return news;
    },
    started(id, name) {
      running.set(id, name);
    },
    ended({ id, name, code, container }) {
      const known = container === undefined ? told.has(id) && !running.has(id) : container.exit !== undefined && !isNew(container);
      if (container !== undefined) note(container);
      else {
        running.delete(id);
        told.set(id, "");
      }
      return known ? undefined : exited(name, { code: code ?? container?.exit?.code, outOfMemory: container?.exit?.outOfMemory });
    },
  };
}

function exited(name: string, { code, outOfMemory = false }: { readonly code?: number; readonly outOfMemory?: boolean } = {}): DriverEvent {
  return { type: "exited", name, exit: { ...(code !== undefined && { code }), outOfMemory } };
}
