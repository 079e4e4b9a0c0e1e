import { spawn } from "node:child_process";
import type { Timer } from "../../../vocabulary/timer.ts";
import type { Ended } from "./why.ts";

/** The program and what always stands before its own arguments. */
export type Command = readonly [program: string, ...words: string[]];

export interface Running {
  /** Nothing is told of it any more. */
  end(): void;
}

interface Listener {
  line(line: string): void;
  /** Once, whatever it ended of. */
  ended(ended: Ended): void;
}

interface Watched {
  readonly command: Command;
  readonly words: readonly string[];
  /** So many milliseconds without a line, and it is ended. */
  readonly silence: number;
  readonly timer: Timer;
}

/** Enough of an error to say what it is. */
const TEXT_KEPT = 2000;

/** Runs it and tells its lines as they come. What it says on standard error is kept for the end. */
export function follow({ command: [program, ...before], words, silence, timer }: Watched, listener: Listener): Running {
  const child = spawn(program, [...before, ...words], { stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  let rest = "";
  let over = false;
  let stopWaiting = () => {};
  const ended = (how: Omit<Ended, "text">) => {
    if (over) return;
    over = true;
    stopWaiting();
    listener.ended({ text, ...how });
  };
  const wait = () => {
    stopWaiting();
    stopWaiting = timer(silence, () => {
      child.kill("SIGKILL");
      ended({ silentFor: silence });
    });
  };
  const keep = (said: string) => {
    if (text.length < TEXT_KEPT) text += said.slice(0, TEXT_KEPT - text.length);
  };
  wait();
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    if (over) return;
    wait();
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      keep(`${line}\n`);
      if (!over) listener.line(line);
    }
  });
  child.stderr.setEncoding("utf8").on("data", keep);
  child.on("error", (error: NodeJS.ErrnoException) => ended({ error: error.code ?? error.message }));
  child.on("close", (code) => {
    if (rest !== "" && !over) {
      keep(rest);
      listener.line(rest);
    }
    ended({ code: code ?? undefined });
  });
  return {
    end() {
      over = true;
      stopWaiting();
      child.kill("SIGTERM");
    },
  };
}

/** Runs it to its end: its lines, and how it ended. */
export function runOnce(watched: Watched): Promise<{ readonly lines: readonly string[]; readonly ended: Ended }> {
  return new Promise((resolve) => {
    const lines: string[] = [];
    follow(watched, { line: (line) => lines.push(line), ended: (ended) => resolve({ lines, ended }) });
  });
}
