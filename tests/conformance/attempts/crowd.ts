import { connect } from "node:net";
import type { Work } from "./counting-upstream.ts";

/** When a client hangs up: as soon as its request is written, after so many milliseconds, with the answer's headers, after its first words. */
type Leaves = "at once" | "with the headers" | "after the first words" | { readonly after: number };

/** One client of a crowd: when it comes, what it asks for, and when it goes. */
export interface Guest {
  /** Milliseconds from the beginning. */
  readonly comes: number;
  readonly stream: boolean;
  readonly work: Work;
  /** Absent: it stays to the end. */
  readonly leaves?: Leaves;
}

/** How it went for one. */
export type Fate = "answered" | "left" | "told that it took too long" | `told ${string}`;

/**
 * A crowd: of a hundred clients thirty hang up, at any moment there is, and of ten the upstream falls silent, each whole or streamed.
 * `random` gives numbers from 0 to 1; they come within `within` milliseconds.
 */
export function crowdOf(size: number, { random, within }: { readonly random: () => number; readonly within: number }): Guest[] {
  const below = (bound: number) => Math.floor(random() * bound);
  const oneOf = <Item>(items: readonly Item[]) => items[below(items.length)] as Item;
  return Array.from({ length: size }, (): Guest => {
    const work: Work = { pieces: 1 + below(5), every: below(6), notices: below(20) };
    const guest: Guest = { comes: below(within), stream: random() < 0.5, work };
    const lot = random();
    if (lot < 0.1) return { ...guest, work: { ...work, silent: oneOf(["before-headers", "before-content", "half-way"]) } };
    if (lot < 0.4)
      return { ...guest, leaves: oneOf<Leaves>(["at once", { after: below(50) }, { after: below(2000) }, "with the headers", "after the first words"]) };
    return guest;
  });
}

/** What it is put to, by a client of its own; the connection is its only one. Never rejects. */
export function visitBy({ comes, stream, work, leaves }: Guest, url: string): Promise<Fate> {
  const { hostname, port } = new URL(url);
  const body = JSON.stringify({ model: "m", stream, messages: [{ role: "user", content: JSON.stringify(work) }] });
  const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer sb-test\r\nconnection: close\r\ncontent-length: ${body.length}\r\n`;
  return new Promise((resolve) => {
    setTimeout(() => {
      const socket = connect({ host: hostname, port: Number(port) });
      let text = "";
      const leave = () => {
        resolve("left");
        socket.destroy();
      };
      socket.setEncoding("utf8").setNoDelay(true);
      socket.on("connect", () => {
        socket.write(`${head}content-type: application/json\r\n\r\n${body}`);
        if (leaves === "at once") leave();
        else if (typeof leaves === "object") setTimeout(leave, leaves.after);
      });
      socket.on("data", (piece: string) => {
        text += piece;
        if (leaves === "with the headers" || (leaves === "after the first words" && text.includes("w0"))) leave();
      });
      socket.on("error", () => resolve("told nothing: the connection broke"));
      socket.on("close", () => resolve(fateBy(text, { stream, work })));
    }, comes);
  });
}

function fateBy(text: string, { stream, work: { pieces } }: Pick<Guest, "stream" | "work">): Fate {
  const status = /^HTTP\/1.1 (\d+)/.exec(text)?.[1];
  const failure = /"code":"(\w+)"/.exec(text)?.[1];
  if (failure === "upstream_timeout") return "told that it took too long";
  if (failure !== undefined || status !== "200") return `told ${failure ?? status ?? "nothing"}`;
  const words = [...text.matchAll(stream ? /"content":"(w\d+ )"/g : /"content":"((?:w\d+ )*)"/g)].map(([, word]) => word).join("");
  const whole = words === Array.from({ length: pieces }, (_, piece) => `w${piece} `).join("");
  return whole && (!stream || text.includes("[DONE]")) ? "answered" : `told half of it: ${words}`;
}

/** So many of each. */
export function tally(fates: readonly Fate[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const fate of fates) counts[fate] = (counts[fate] ?? 0) + 1;
  return counts;
}
