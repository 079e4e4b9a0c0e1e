import { isObject, type Json, type JsonObject, parseJson } from "../../../src/vocabulary/json.ts";

/** What a client understood of an answer, in its own dialect's words, and what it stumbled over. */
export interface Heard {
  readonly text: string;
  readonly thinking: string;
  readonly calls: readonly HeardCall[];
  /** Why it ended, as this dialect puts it; absent when it broke off. */
  readonly finish?: string;
  readonly usage?: JsonObject;
  /** What came instead of an end. */
  readonly error?: JsonObject;
  /** Breaches of the order and shape that every official client relies on. */
  readonly problems: readonly string[];
}

export interface HeardCall {
  readonly id: string;
  readonly name: string;
  /** As JSON; `undefined` where they are none. */
  readonly arguments: Json | undefined;
}

/** One frame of a stream of events. */
export interface HeardFrame {
  /** Its name; empty where frames have none. */
  readonly event: string;
  readonly json: JsonObject;
}

/** The frames of a stream of events, each a name (where the dialect has them) and an object; comments are left out, and anything else is a problem. */
export function framesIn(text: string, named: "named" | "nameless", problems: string[]): HeardFrame[] {
  const shape = named === "named" ? /^event: (\S+)\r?\ndata: (.*)$/ : /^()data: (.*)$/;
  return text.split(/\r?\n\r?\n/).flatMap((frame) => {
    if (frame === "" || frame.startsWith(":")) return [];
    const [, event = "", data = ""] = shape.exec(frame) ?? [];
    const json = parseJson(data);
    if (isObject(json)) return [{ event, json }];
    problems.push(`not a frame: ${frame.slice(0, 80)}`);
    return [];
  });
}

/** Counts in an object that are no whole number from 0 up, as problems; those not there are none. */
export function countProblems(usage: JsonObject | undefined, names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const count = usage?.[name];
    return count === undefined || (Number.isSafeInteger(count) && Number(count) >= 0) ? [] : [`${name} is ${JSON.stringify(count)}`];
  });
}
