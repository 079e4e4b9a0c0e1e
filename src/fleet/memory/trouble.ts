import type { Exit } from "../drivers/driver.ts";
import { type Finding, SIGNS } from "./trouble-signs.ts";

/** Why an engine did not start, or died: by whom it can be helped. */
export type TroubleKind =
  /** Somebody else holds memory that was granted to it. */
  | "foreign-memory"
  /** One request of full length does not fit beside the weights. */
  | "context-too-long"
  /** Nothing fits beside the weights, or not even those. */
  | "no-kv-blocks"
  /** The GPU's memory ran out while it loaded, profiled, warmed up or recorded graphs; and while it served. */
  | "oom-loading"
  | "oom-serving"
  /** The machine's memory, not the GPU's. */
  | "host-memory"
  /** No such model, none for this token, or nothing there to fetch it by. */
  | "model-missing"
  | "disk-full"
  /** It will never run with these arguments, or with this model. */
  | "bad-arguments"
  /** CUDA does not find the driver it needs, or no GPU. */
  | "driver-mismatch"
  | "port-taken"
  /** Anything else. */
  | "crash";

/** What is left of an engine. */
export interface Remains {
  /** Its last lines. */
  readonly log: string;
  readonly exit?: Exit;
  /** It had been ready. */
  readonly served: boolean;
}

export interface Trouble {
  readonly kind: TroubleKind;
  /** What happened and what to do about it, for the operator. */
  readonly says: string;
  /** The longest context that would fit, by its own words: `context-too-long`. */
  readonly longest?: number;
}

/** What an engine died of, by its exit and its last lines. */
export function classify({ log, exit, served }: Remains): Trouble {
  if (exit?.outOfMemory) {
    return {
      kind: "host-memory",
      says: "It was killed because the machine, or its container, ran out of memory (not the GPU's): give it more, or a smaller model.",
    };
  }
  for (const { pattern, finds } of SIGNS) {
    const match = pattern.exec(log);
    if (match !== null) return inItsTime(finds(match), served);
  }
  const code = exit?.code === undefined ? "" : ` with ${exit.code}${exit.code === 137 ? " (it was killed)" : ""}`;
  const last = lastError(log);
  return { kind: "crash", says: `It ended${code}${last === undefined ? "; its last lines name no error" : `: ${last}`}.` };
}

/** The same line means another thing while it loads and while it serves. */
function inItsTime(finding: Finding, served: boolean): Trouble {
  if (finding.kind !== "oom") return { ...finding, kind: finding.kind };
  const when = served ? "while it served" : "while it started";
  return { kind: served ? "oom-serving" : "oom-loading", says: `The GPU's memory ran out ${when}${finding.says}.` };
}

/** `(EngineCore_DP0 pid=270) ERROR 11-19 12:16:36 [core.py:842] ` before what is said. */
const PREFIX = /^(?:\([^)]*\)\s*)*(?:(?:ERROR|CRITICAL)\s+[\d-]+ [\d:]+ \[[^\]]*\]\s*)?/;
const ERROR = /^(?:[\w.]*(?:Error|Exception|Failure)\b|error:|terminate called|Segmentation fault|Fatal Python error|CUDA error|GGML_ASSERT)/;
/** It stands at the end of every failed start and says nothing. */
const EMPTY = /Engine core initialization failed|EngineDeadError|Engine loop is not running|See stack trace/;

/** The last line that names an error, without tokens of Hugging Face. */
function lastError(log: string): string | undefined {
  const lines = log.split("\n").map((line) => line.replace(PREFIX, "").trim());
  const found = lines.findLast((line) => ERROR.test(line) && !EMPTY.test(line)) ?? lines.findLast((line) => ERROR.test(line));
  return found
    ?.replace(/hf_\w+/g, "hf_…")
    .slice(0, 300)
    .replace(/\.$/, "");
}
