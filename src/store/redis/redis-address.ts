import { RedisClient } from "bun";
import { RedisTrouble } from "./redis-trouble.ts";

/** Where Redis is, and how to speak of it without giving anything away. */
export interface RedisAddress {
  /** With user and password: for the client alone. */
  readonly url: string;
  /** Host and port, or the path of the socket. */
  readonly shown: string;
  /** The text without the password: servers older than HELLO repeat what they did not understand. */
  clean(text: string): string;
}

/** Reads the URL of a Redis. Throws `RedisTrouble`, which does not repeat it, when it is none. */
export function readRedisAddress(text: string): RedisAddress {
  try {
    const url = new URL(text);
    const secrets = [decodeURIComponent(url.password), url.password].filter((secret) => secret !== "");
    // The client reads the rest, the database's number among it, when it is made; it connects with its first command only.
    new RedisClient(text, { autoReconnect: false });
    if (!text.includes("://")) throw new Error("The client would take the host for a scheme.");
    return {
      url: text,
      shown: url.host === "" ? url.pathname : url.host,
      clean: (said) => secrets.reduce((clean, secret) => clean.replaceAll(secret, "…"), said),
    };
  } catch {
    throw new RedisTrouble("The URL of Redis cannot be read. It looks like redis://user:password@host:6379/0, or rediss:// for TLS.");
  }
}
