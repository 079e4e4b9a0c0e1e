import type { RedisClient } from "bun";
import { Line, type LineParts } from "./line.ts";

interface Listening {
  readonly channel: string;
  readonly listener: (message: string) => void;
  readonly resumed: (() => void) | undefined;
  /** There was a time without connection since it listens. */
  missed: boolean;
}

/** Listening, over a connection of its own: one that listens can do nothing else. */
export class Subscriptions {
  readonly #line: Line;
  readonly #listening = new Set<Listening>();
  /** The channels this connection has asked for: asking twice would deliver twice. */
  #joined = new Set<string>();

  constructor(parts: Pick<LineParts, "address" | "clock" | "deadline" | "heartbeat">) {
    this.#line = new Line({ ...parts, greet: (client) => this.#greet(client), stands: () => this.#stands() });
  }

  get trouble(): string | undefined {
    return this.#line.trouble;
  }

  /** Calls back for each message until the function it returns is called. */
  listen({ channel, listener, resumed }: Omit<Listening, "missed">): () => void {
    const one: Listening = { channel, listener, resumed, missed: false };
    this.#listening.add(one);
    this.#join();
    return () => this.#leave(one);
  }

  close(): void {
    this.#listening.clear();
    this.#line.close();
  }

  readonly #heard = (message: string, channel: string): void => {
    for (const one of [...this.#listening]) if (one.channel === channel) one.listener(message);
  };

  #greet(client: RedisClient): Promise<unknown> {
    this.#joined = new Set([...this.#listening].map((one) => one.channel));
    for (const one of this.#listening) one.missed = true;
    return this.#joined.size === 0 ? client.ping() : client.subscribe([...this.#joined], this.#heard);
  }

  #stands(): void {
    this.#join();
    for (const one of this.#listening) {
      if (!one.missed) continue;
      one.missed = false;
      one.resumed?.();
    }
  }

  /** Asks for the channels that are listened to and were not asked for yet. */
  #join(): void {
    if (this.#line.trouble !== undefined) return;
    const channels = [...new Set([...this.#listening].map((one) => one.channel))].filter((channel) => !this.#joined.has(channel));
    if (channels.length === 0) return;
    for (const channel of channels) this.#joined.add(channel);
    // Refused, the next connection asks in its greeting, and says why it cannot.
    this.#line.ask((client) => client.subscribe(channels, this.#heard)).catch((error: Error) => this.#line.renew(error.message));
  }

  #leave(one: Listening): void {
    if (!this.#listening.delete(one) || [...this.#listening].some((other) => other.channel === one.channel)) return;
    if (!this.#joined.delete(one.channel)) return;
    this.#line.ask((client) => client.unsubscribe(one.channel)).catch(() => undefined);
  }
}
