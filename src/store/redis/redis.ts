import type { RedisClient } from "bun";
import { type Clock, systemClock } from "../../vocabulary/clock.ts";
import { Line } from "./line.ts";
import { readRedisAddress } from "./redis-address.ts";
import { RedisTrouble } from "./redis-trouble.ts";
import { Subscriptions } from "./subscriptions.ts";

/** What several gateways share. Every promise rejects with `RedisTrouble`: at once while Redis is known to be away, and past the deadline. */
export interface SharedStore {
  /** The bytes kept under the key; `undefined` when there are none. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** Keeps the value for so many milliseconds. */
  set(key: string, value: Uint8Array | string, milliseconds: number): Promise<void>;
  /** Deletes the keys; how many of them there were. */
  delete(...keys: string[]): Promise<number>;
  /** Deletes every key that begins so, in steps, and gives how many; it looks at every key of the database. Steps before trouble stay done. */
  deleteAll(beginning: string): Promise<number>;
  publish(channel: string, message: string): Promise<void>;
  /** Runs a script over these keys, in one step for everybody; the server is sent its text only when it does not know it. */
  evaluate(script: Script, keys: readonly string[], words: readonly string[]): Promise<unknown>;
  /**
   * Calls back for each message until the function it returns is called. `resumed` is called when listening begins again after a time without
   * connection, in which messages may have been missed. Neither may throw.
   */
  subscribe(channel: string, listener: (message: string) => void, resumed?: () => void): () => void;
  /** Why it cannot be used now, in words for the operator; `undefined` while all is well. */
  trouble(): string | undefined;
  close(): Promise<void>;
}

/** A script in Lua. Its KEYS have the prefix, and its ARGV are the words. */
export interface Script {
  readonly text: string;
  /** SHA-1 of the text, in hexadecimal. */
  readonly digest: string;
}

export interface RedisOptions {
  /** redis://user:password@host:port/database, or rediss:// for TLS. */
  readonly url: string;
  /** What every key and channel begins with. */
  readonly prefix?: string;
  /** Milliseconds an answer may take. */
  readonly deadline?: number;
  /** Milliseconds between questions on a silent connection, to find out that it is gone. */
  readonly heartbeat?: number;
  readonly clock?: Clock;
}

/** Keys looked at in one step of `deleteAll`: some 100 µs of the server's time. */
const STEP = "500";

/**
 * Opens a Redis or Valkey. It does not wait for it: connections are made in the background, again and again, and `trouble` says whether one
 * stands. Throws `RedisTrouble` when the URL is none.
 */
export function openRedis({ url, prefix = "signalbox:", deadline = 100, heartbeat = 5_000, clock = systemClock }: RedisOptions): SharedStore {
  const parts = { address: readRedisAddress(url), deadline, heartbeat, clock };
  // A write that leaves nothing: it fails where a PING would not, on replicas and for users who may not touch our keys.
  const line = new Line({ ...parts, greet: (client) => client.unlink(`${prefix}greeting`) });
  let subscriptions: Subscriptions | undefined;
  let closed = false;
  return {
    get: async (key) => (await line.ask((client) => client.getBuffer(prefix + key))) ?? undefined,
    async set(key, value, milliseconds) {
      await line.ask((client) => client.set(prefix + key, value, "PX", Math.max(1, Math.round(milliseconds))));
    },
    delete: async (...keys) => (keys.length === 0 ? 0 : line.ask((client) => client.unlink(...keys.map((key) => prefix + key)))),
    async deleteAll(beginning) {
      const pattern = `${(prefix + beginning).replace(/[\\*?[\]]/g, "\\$&")}*`;
      let deleted = 0;
      let cursor = "0";
      do {
        const [next, keys] = await line.ask((client) => scan(client, cursor, pattern));
        if (keys.length > 0) deleted += await line.ask((client) => client.unlink(...keys));
        cursor = next;
      } while (cursor !== "0");
      return deleted;
    },
    async publish(channel, message) {
      await line.ask((client) => client.publish(prefix + channel, message));
    },
    async evaluate({ text, digest }, keys, words) {
      const rest = [String(keys.length), ...keys.map((key) => prefix + key), ...words];
      try {
        return await line.ask((client) => client.send("EVALSHA", [digest, ...rest]));
      } catch (error) {
        if (!(error instanceof RedisTrouble) || error.refusal !== "NOSCRIPT") throw error;
        return line.ask((client) => client.send("EVAL", [text, ...rest]));
      }
    },
    subscribe(channel, listener, resumed) {
      if (closed) return () => undefined;
      subscriptions ??= new Subscriptions(parts);
      return subscriptions.listen({ channel: prefix + channel, listener, resumed });
    },
    trouble: () => line.trouble ?? subscriptions?.trouble,
    async close() {
      closed = true;
      subscriptions?.close();
      line.close();
    },
  };
}

/** The next cursor, "0" after the last step, and the keys found in this one. */
const scan = (client: RedisClient, cursor: string, pattern: string): Promise<[next: string, keys: string[]]> =>
  client.send("SCAN", [cursor, "MATCH", pattern, "COUNT", STEP]);
