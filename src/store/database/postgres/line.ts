import type { PostgresPoolClient } from "kysely";
import type { QueryResult } from "pg";
import { StoreTrouble } from "../../trouble.ts";
import type { PostgresAddress } from "./postgres-address.ts";
import { endsTheLine } from "./refusal.ts";
import { connectTo, type Session } from "./session.ts";

export interface LineParts {
  readonly address: PostgresAddress;
  /** Milliseconds a connection may take. */
  readonly connect: number;
  /** Milliseconds a statement may take. */
  readonly deadline: number;
  /** Most sessions at once. */
  readonly connections: number;
  /** Told when the database goes away, in words for the operator, and with `undefined` when it is back. */
  told(trouble: string | undefined): void;
}

interface Waiting {
  give(session: Session): void;
  reject(error: StoreTrouble): void;
}

/** Milliseconds before the first and, doubled each time, between later attempts to connect. */
const BACKOFF = [100, 2_000] as const;
/** Milliseconds between questions on a silent line, to find out that the server is gone, and how long each may take. */
const HEARTBEAT = 5_000;
const HEARTBEAT_WITHIN = 1_000;

/**
 * A few sessions with PostgreSQL that are made anew whenever they break. Once the server is found to be away every question fails at once,
 * until a greeting has been answered again: nobody waits for a dead database twice.
 */
export class PostgresLine {
  /** Settles with the end of the first attempt to connect, however it ends. */
  readonly attempted: Promise<void>;
  readonly #parts: LineParts;
  readonly #idle: Session[] = [];
  readonly #waiting: Waiting[] = [];
  readonly #heartbeat: ReturnType<typeof setInterval>;
  /** What a transaction begins with: its guards on the server's side, which end with it. */
  readonly #begin: string;
  /** Sessions in use, idle or being made. */
  #open = 0;
  #trouble: StoreTrouble | undefined;
  #tried = 0;
  /** When it stood first since it was away, milliseconds. */
  #stood = 0;
  #closed = false;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: LineParts) {
    this.#parts = parts;
    const { deadline } = parts;
    this.#begin = `begin; set local statement_timeout = ${deadline}; set local idle_in_transaction_session_timeout = ${deadline}`;
    this.#trouble = new StoreTrouble(`PostgreSQL at ${parts.address.shown} is not connected yet.`, undefined, "away");
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT);
    this.attempted = this.#attempt();
  }

  /** A session for a while. Rejects with `StoreTrouble`: at once while the database is away, and when all are in use for longer than the deadline. */
  async connect(): Promise<PostgresPoolClient> {
    if (this.#trouble) throw this.#trouble;
    const session = this.#idle.pop();
    if (session) return this.#lent(session);
    if (this.#open >= this.#parts.connections) return this.#lent(await this.#next());
    try {
      return this.#lent(await this.#make());
    } catch (error) {
      // The server may just take no more of us: those in use tell whether it is gone.
      if (this.#open > 0) return this.#lent(this.#idle.pop() ?? (await this.#next()));
      if (error instanceof StoreTrouble) this.#lose(error);
      throw error;
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#heartbeat);
    clearTimeout(this.#retry);
    this.#drop(new StoreTrouble(`The connection to PostgreSQL at ${this.#parts.address.shown} has been closed.`, undefined, "away"));
  }

  /** What Kysely sees of a session. */
  #lent(session: Session): PostgresPoolClient {
    const query = async (text: string, parameters: readonly unknown[]): Promise<QueryResult> => {
      try {
        return await session.ask(text === "begin" ? this.#begin : text, parameters, this.#parts.deadline);
      } catch (error) {
        throw this.#refused(session, error);
      }
    };
    // Kysely would also hand cursors to it, which nobody here asks for.
    return { query: query as unknown as PostgresPoolClient["query"], release: () => this.#release(session) };
  }

  #refused(session: Session, error: unknown): unknown {
    if (!endsTheLine(error)) return error;
    session.end();
    const trouble = error instanceof StoreTrouble ? error : this.#broken(error);
    this.#lose(trouble);
    return trouble;
  }

  #broken(error: unknown): StoreTrouble {
    const { address } = this.#parts;
    const words = address.clean(error instanceof Error ? error.message : String(error));
    return new StoreTrouble(`The connection to PostgreSQL at ${address.shown} broke: ${words.replace(/\.?$/, ".")}`, undefined, "away");
  }

  #release(session: Session): void {
    const next = this.#waiting[0];
    if (this.#closed || !session.stands()) {
      this.#discard(session);
      this.#replace();
    } else if (next) {
      this.#waiting.shift();
      next.give(session);
    } else this.#idle.push(session);
  }

  #discard(session: Session): void {
    session.end();
    this.#open--;
  }

  async #make(): Promise<Session> {
    const { address, connect } = this.#parts;
    this.#open++;
    try {
      const session = await connectTo(address, connect);
      session.ended(() => this.#ended(session));
      return session;
    } catch (error) {
      this.#open--;
      throw error;
    }
  }

  /** An idle session that ends may have had its time, at a pooler say, or tell that the server is gone: another is made to know. */
  #ended(session: Session): void {
    const at = this.#idle.indexOf(session);
    if (at < 0) return;
    this.#idle.splice(at, 1);
    this.#open--;
    this.#replace();
  }

  #replace(): void {
    if (this.#trouble || this.#closed || this.#idle.length > 0) return;
    this.#make().then(
      (made) => this.#release(made),
      (error: StoreTrouble) => this.#lose(error),
    );
  }

  #next(): Promise<Session> {
    const { address, deadline, connections } = this.#parts;
    return new Promise((resolve, reject) => {
      const leave = () => this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      const timer = setTimeout(() => {
        leave();
        reject(new StoreTrouble(`All ${connections} connections to PostgreSQL at ${address.shown} were busy for ${deadline} ms.`));
      }, deadline);
      const waiting: Waiting = {
        give(session) {
          clearTimeout(timer);
          resolve(session);
        },
        reject(error) {
          clearTimeout(timer);
          reject(error);
        },
      };
      this.#waiting.push(waiting);
    });
  }

  /** Connects and greets: a server that may not be written to is of no use. */
  async #attempt(): Promise<void> {
    try {
      const session = await this.#make();
      try {
        const { rows } = await session.ask("show transaction_read_only", [], this.#parts.connect);
        if (rows[0]?.transaction_read_only === "on")
          throw new StoreTrouble(`PostgreSQL at ${this.#parts.address.shown} may only be read from: it is a standby.`, undefined, "away");
      } catch (error) {
        this.#discard(session);
        throw error instanceof StoreTrouble ? error : this.#broken(error);
      }
      if (this.#closed) return this.#discard(session);
      this.#trouble = undefined;
      this.#stood = performance.now();
      this.#release(session);
      this.#parts.told(undefined);
    } catch (error) {
      if (this.#closed) return;
      this.#drop(error instanceof StoreTrouble ? error : this.#broken(error));
      this.#attemptLater();
    }
  }

  #attemptLater(): void {
    const [shortest, longest] = BACKOFF;
    const wait = Math.min(longest, shortest * 2 ** this.#tried++) * (0.5 + Math.random() / 2);
    this.#retry = setTimeout(() => void this.#attempt(), wait);
  }

  #lose(trouble: StoreTrouble): void {
    if (this.#trouble || this.#closed) return;
    this.#drop(trouble);
    // One that was well for a while is tried again at once: it may have been a single slow statement. One that comes and goes gets pauses.
    const [, longest] = BACKOFF;
    if (performance.now() - this.#stood > longest) {
      this.#tried = 0;
      void this.#attempt();
    } else this.#attemptLater();
  }

  /** Ends what is idle and refuses what waits. What is in use has its own deadline. */
  #drop(trouble: StoreTrouble): void {
    this.#trouble = trouble;
    for (const session of this.#idle.splice(0)) this.#discard(session);
    for (const waiting of this.#waiting.splice(0)) waiting.reject(trouble);
    if (!this.#closed) this.#parts.told(trouble.message);
  }

  #beat(): void {
    const session = this.#trouble ? undefined : this.#idle.pop();
    if (session === undefined) return;
    session.ask("select 1", [], HEARTBEAT_WITHIN).then(
      () => this.#release(session),
      (error) => {
        this.#refused(session, error);
        this.#discard(session);
      },
    );
  }
}
