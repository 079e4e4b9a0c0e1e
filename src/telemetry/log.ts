import { type Clock, systemClock } from "../vocabulary/clock.ts";
import { isSecretField, REDACTED, type Secrets } from "./redact.ts";

export type Level = "debug" | "info" | "warn" | "error";
/** What a line says beside its message. An Error becomes its name, message and stack. */
export type Fields = Readonly<Record<string, unknown>>;

export interface Log {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  /** Hands everything written so far to the sink and waits for it. */
  flush(): Promise<void>;
  /** The same without waiting for anything asynchronous: for the way out of the process. */
  flushNow(): void;
  /** Lines given up because the sink did not take them. */
  dropped(): number;
}

/** Where lines go. `write` settles when the text is out; a rejection counts its lines as dropped. */
export interface Sink {
  write(text: string): Promise<void>;
  writeNow(text: string): void;
}

export interface LogOptions {
  readonly level: Level;
  readonly secrets: Secrets;
  readonly sink: Sink;
  /** For people: one readable line instead of JSON. */
  readonly pretty?: boolean;
  readonly clock?: Clock;
  readonly bounds?: { readonly everyMs?: number; readonly batchChars?: number; readonly waitingChars?: number };
}

const RANK: Readonly<Record<Level, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/**
 * A log of one JSON object per line, or of readable lines. Secrets are taken out of the finished line, so no caller can forget to.
 * Lines gather for 10 ms or 64 KiB and go out in one write; with a sink that does not keep up they are dropped and counted, never waited for.
 */
export function createLog({ level, secrets, sink, pretty = false, clock = systemClock, bounds = {} }: LogOptions): Log {
  const everyMs = bounds.everyMs ?? 10;
  const batchChars = bounds.batchChars ?? 65_536;
  const waitingChars = bounds.waitingChars ?? 4_194_304;
  const least = RANK[level];
  const lineOf = pretty ? prettyLine : jsonLine;
  let batch = "";
  let lines = 0;
  let dropped = 0;
  let toldOf = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let writing: Promise<void> | undefined;

  const send = () => {
    if (timer) clearTimeout(timer);
    timer = undefined;
    if (batch === "" || writing) return;
    const text = batch;
    const count = lines;
    batch = "";
    lines = 0;
    writing = sink
      .write(text)
      .catch(() => {
        dropped += count;
      })
      .then(() => {
        writing = undefined;
        send();
      });
  };
  const write = (lineLevel: Level, message: string, fields: Fields | undefined) => {
    if (RANK[lineLevel] < least) return;
    if (batch.length > waitingChars) {
      dropped++;
      return;
    }
    if (dropped > toldOf) {
      const news = dropped - toldOf;
      toldOf = dropped;
      append("warn", `${news} log lines were dropped: the output did not take them in time.`, undefined);
    }
    append(lineLevel, message, fields);
  };
  const append = (lineLevel: Level, message: string, fields: Fields | undefined) => {
    batch += `${secrets.clean(lineOf(clock.now(), lineLevel, message, fields))}\n`;
    lines++;
    if (batch.length >= batchChars) send();
    else timer ??= setTimeout(send, everyMs);
  };

  return {
    debug: (message, fields) => write("debug", message, fields),
    info: (message, fields) => write("info", message, fields),
    warn: (message, fields) => write("warn", message, fields),
    error: (message, fields) => write("error", message, fields),
    async flush() {
      send();
      while (writing) await writing;
    },
    flushNow() {
      if (timer) clearTimeout(timer);
      timer = undefined;
      const text = batch;
      batch = "";
      lines = 0;
      if (text !== "") sink.writeNow(text);
    },
    dropped: () => dropped,
  };
}

function jsonLine(now: number, level: Level, message: string, fields: Fields | undefined): string {
  const start = `{"timestamp":"${timestampOf(now)}","level":"${level}","message":${JSON.stringify(message)}`;
  let rest: string;
  try {
    rest = JSON.stringify(fields ?? {}, needsCare(fields) ? errorsToo : undefined);
  } catch (error) {
    rest = JSON.stringify({ unloggable: String(error) });
  }
  return rest === "{}" ? `${start}}` : `${start},${rest.slice(1)}`;
}

const GRAY = "\u001b[90m";
const PLAIN = "\u001b[0m";
const COLOURS: Readonly<Record<Level, string>> = { debug: GRAY, info: "\u001b[32m", warn: "\u001b[33m", error: "\u001b[31m" };

/** `12:03:07.120 info  message name=value`. Values and message are escaped as JSON does, so that nobody writes to the terminal through them. */
function prettyLine(now: number, level: Level, message: string, fields: Fields | undefined): string {
  const rest = Object.entries(fields ?? {}).flatMap(([name, value]) => {
    if (value === undefined) return [];
    return [` ${GRAY}${name}=${PLAIN}${isSecretField(name) ? REDACTED : shownValue(value)}`];
  });
  return `${timestampOf(now).slice(11, 23)} ${COLOURS[level]}${level.padEnd(5)}${PLAIN} ${escaped(message)}${rest.join("")}`;
}

function shownValue(value: unknown): string {
  if (value instanceof Error) return escaped(`${value.name}: ${value.message}`);
  if (typeof value === "string") return /^[^\s"=]+$/.test(value) ? escaped(value) : (JSON.stringify(value) ?? "");
  try {
    return JSON.stringify(value, errorsToo) ?? "";
  } catch {
    return "[unloggable]";
  }
}

function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Objects may hold errors, and neither they nor bigints are written as they are. */
function needsCare(fields: Fields | undefined): boolean {
  for (const name in fields) if ((typeof fields[name] === "object" && fields[name] !== null) || typeof fields[name] === "bigint") return true;
  return false;
}

/** `JSON.stringify` writes an Error as {} and throws on a bigint. */
function errorsToo(_name: string, value: unknown): unknown {
  if (value instanceof Error) return { name: value.name, message: value.message, stack: value.stack, cause: value.cause };
  return typeof value === "bigint" ? value.toString() : value;
}

let lastTime = Number.NaN;
let lastTimestamp = "";

/** ISO 8601 in UTC; requests of the same millisecond share the work. */
function timestampOf(now: number): string {
  if (now !== lastTime) {
    lastTime = now;
    lastTimestamp = new Date(now).toISOString();
  }
  return lastTimestamp;
}
