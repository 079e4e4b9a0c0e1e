import { RedisClient } from "bun";
import type { Clock } from "../../vocabulary/clock.ts";
import type { RedisAddress } from "./redis-address.ts";
import { RedisTrouble, readRefusal } from "./redis-trouble.ts";

export interface LineParts {
  readonly address: RedisAddress;
  readonly clock: Clock;
  /** Milliseconds an answer may take. */
  readonly deadline: number;
  /** Milliseconds between questions that only find out whether the server is still there. */
  readonly heartbeat: number;
  /** The first command of every connection: it proves that the server is of use. */
  greet(client: RedisClient): Promise<unknown>;
  /** The greeting was answered. */
  stands?(): void;
}

interface Question {
  readonly asked: number;
  reject(error: RedisTrouble): void;
}

/** Milliseconds for a connection: TCP, TLS, the password and the greeting. No caller waits for it. */
const CONNECT_WITHIN = 2_000;
/** Milliseconds before the first and, doubled each time, between later attempts to connect. */
const BACKOFF = [50, 3_000] as const;

/**
 * A connection to Redis that is made anew whenever it breaks. While there is none, questions fail at once.
 * The runtime's client reconnects by itself too, but not out of a silence, gives up after half a minute, and does not say why it cannot: each
 * connection here is a client of its own, with its offline queue on, since only a queued command learns the server's reason.
 */
export class Line {
  readonly #parts: LineParts;
  readonly #open = new Set<Question>();
  readonly #heartbeat: ReturnType<typeof setInterval>;
  /** The client in use or being connected. */
  #client: RedisClient | undefined;
  #stands = false;
  /** Of the time when nothing stands. */
  #trouble: string;
  #tried = 0;
  /** When the latest connection stood first, by the clock. */
  #stood = 0;
  #closed = false;
  #connecting: ReturnType<typeof setTimeout> | undefined;
  #watching: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: LineParts) {
    this.#parts = parts;
    this.#trouble = `Redis at ${parts.address.shown} is not connected yet.`;
    this.#heartbeat = setInterval(() => this.#beat(), parts.heartbeat);
    this.#connect();
  }

  /** Why nothing can be asked now. */
  get trouble(): string | undefined {
    return this.#stands ? undefined : this.#trouble;
  }

  /** Asks, and settles with the answer. Rejects with `RedisTrouble`: at once without a connection, past the deadline, or with the server's refusal. */
  ask<Answer>(command: (client: RedisClient) => Promise<Answer>): Promise<Answer> {
    const client = this.#client;
    if (client === undefined || !this.#stands) return Promise.reject(new RedisTrouble(this.#trouble));
    return new Promise((resolve, reject) => {
      const answer = command(client);
      const question: Question = { asked: this.#parts.clock.elapsed(), reject };
      this.#open.add(question);
      this.#watching ??= setTimeout(() => this.#look(), this.#parts.deadline);
      answer.then(
        (value) => {
          if (this.#open.delete(question)) resolve(value);
        },
        (error: unknown) => {
          if (this.#open.delete(question)) reject(this.#refused(client, error));
        },
      );
    });
  }

  /** Gives the connection up for that reason, and makes a new one. */
  renew(why: string): void {
    if (this.#client !== undefined) this.#lose(this.#client, why);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#heartbeat);
    clearTimeout(this.#connecting);
    this.#drop(`The connection to Redis at ${this.#parts.address.shown} has been closed.`);
  }

  #connect(): void {
    const { address } = this.#parts;
    const client = new RedisClient(address.url, { autoReconnect: false, enableOfflineQueue: true });
    this.#client = client;
    // Not the client's own timeout: that one ends with its handshake, before the greeting.
    this.#connecting = setTimeout(() => this.#lose(client, `Redis at ${address.shown} did not answer within ${CONNECT_WITHIN} ms.`), CONNECT_WITHIN);
    this.#parts.greet(client).then(
      () => this.#stand(client),
      (error: unknown) => this.#lose(client, `Redis at ${address.shown} cannot be used: ${address.clean(readRefusal(error).why)}.`),
    );
  }

  #stand(client: RedisClient): void {
    if (client !== this.#client) return;
    clearTimeout(this.#connecting);
    // Not before: it is called ahead of the greeting's rejection, which knows more.
    client.onclose = () => this.#lose(client, `The connection to Redis at ${this.#parts.address.shown} was lost.`);
    this.#stood = this.#parts.clock.elapsed();
    this.#stands = true;
    this.#parts.stands?.();
  }

  #lose(client: RedisClient, why: string): void {
    if (client !== this.#client) return;
    clearTimeout(this.#connecting);
    const [shortest, longest] = BACKOFF;
    // A server that greets and then falls silent gets longer and longer pauses too.
    if (this.#stands && this.#parts.clock.elapsed() - this.#stood > longest) this.#tried = 0;
    this.#drop(why);
    const wait = Math.min(longest, shortest * 2 ** this.#tried++) * (0.5 + Math.random() / 2);
    this.#connecting = setTimeout(() => this.#connect(), wait);
  }

  /** Ends the client, and every question with it: what it answers later finds nobody. */
  #drop(why: string): void {
    const client = this.#client;
    this.#client = undefined;
    this.#stands = false;
    this.#trouble = why;
    clearTimeout(this.#watching);
    this.#watching = undefined;
    const open = [...this.#open];
    this.#open.clear();
    for (const question of open) question.reject(new RedisTrouble(why));
    if (client === undefined) return;
    client.onclose = null;
    client.close();
  }

  #refused(client: RedisClient, error: unknown): RedisTrouble {
    const { address } = this.#parts;
    const { why, unusable, refusal } = readRefusal(error);
    const text = `Redis at ${address.shown} refuses: ${address.clean(why)}.`;
    if (unusable) this.#lose(client, text);
    return new RedisTrouble(text, refusal);
  }

  /** One timer for all questions: Redis answers in turn, so the oldest is late first. */
  #look(): void {
    this.#watching = undefined;
    const [oldest] = this.#open;
    if (oldest === undefined) return;
    const left = oldest.asked + this.#parts.deadline - this.#parts.clock.elapsed();
    this.#watching = setTimeout(() => (left > 0 ? this.#look() : this.#late(oldest)), Math.max(left, 0));
  }

  /** Called a turn of the event loop past the deadline: an answer that lay there while this process was busy has been read by now. */
  #late(oldest: Question): void {
    if (this.#open.has(oldest)) this.renew(`Redis at ${this.#parts.address.shown} did not answer within ${this.#parts.deadline} ms.`);
    this.#look();
  }

  #beat(): void {
    if (this.#stands && this.#open.size === 0) this.ask((client) => client.ping()).catch(() => undefined);
  }
}
