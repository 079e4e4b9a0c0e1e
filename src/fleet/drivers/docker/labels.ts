import type { FoundEngine, Launch } from "../driver.ts";
import type { Container } from "./container.ts";

/** By these a container is known as ours, whoever asks and however long ago it was made. */
const INSTALL = "signalbox.install";
const ENGINE = "signalbox.engine";
const GENERATION = "signalbox.generation";
const HASH = "signalbox.hash";
const GPUS = "signalbox.gpus";

export function labelsOf({ install, spec, generation, gpus }: Launch): Record<string, string> {
  return { [INSTALL]: install, [ENGINE]: spec.name, [GENERATION]: String(generation), [HASH]: spec.hash, [GPUS]: gpus.map(({ id }) => id).join(",") };
}

/** What all containers of an installation are found by. */
export const labelOf = (install: string): string => `${INSTALL}=${install}`;

export const isOf = (install: string, { labels }: Container): boolean => labels[INSTALL] === install;

/** Whether it is what this launch would make. */
export function isMadeFrom(launch: Launch, { labels }: Container): boolean {
  return Object.entries(labelsOf(launch)).every(([name, value]) => labels[name] === value);
}

/** What its labels tell of the engine in it. `undefined`: they are not all there, so it was not made by a driver. */
export function readLabels({ labels }: Container): Pick<FoundEngine, "engine" | "generation" | "hash" | "gpus"> | undefined {
  const { [ENGINE]: engine, [GENERATION]: generation, [HASH]: hash, [GPUS]: gpus } = labels;
  if (engine === undefined || hash === undefined || gpus === undefined || !/^\d+$/.test(generation ?? "")) return undefined;
  return { engine, generation: Number(generation), hash, gpus: gpus.split(",").filter((id) => id !== "") };
}
