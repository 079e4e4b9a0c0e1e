import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import { StoreTrouble } from "../../trouble.ts";

/** Where PostgreSQL is, and how to speak of it without giving anything away. */
export interface PostgresAddress {
  /** A name, an address, or the folder of a socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly applicationName: string;
  readonly ssl: false | ConnectionOptions;
  /** Host, port and database. */
  readonly shown: string;
  /** The text without the password. */
  clean(text: string): string;
}

const SSL_MODES = ["disable", "require", "no-verify", "verify-ca", "verify-full"] as const;
/** What a URL may say after its `?`. */
const PARAMETERS = new Set(["host", "sslmode", "sslrootcert", "sslcert", "sslkey", "application_name", "pgbouncer", "connect_timeout", "channel_binding"]);

/**
 * Reads `postgres://user:password@host:port/database?sslmode=…`. Throws `StoreTrouble`, which does not repeat it, for what cannot be understood.
 * `sslmode` is libpq's: `require` encrypts and believes any certificate unless `sslrootcert` names who signs them; `verify-ca` checks who signed
 * it, `verify-full` the host's name too. `pgbouncer` and `connect_timeout`, which others read, are passed over.
 */
export function readPostgresAddress(text: string): PostgresAddress {
  const url = parsed(text);
  const unknown = [...url.searchParams.keys()].filter((name) => !PARAMETERS.has(name));
  if (unknown.length > 0) throw new StoreTrouble(`DATABASE_URL has ${unknown.join(", ")}, which is not known here. It may have ${[...PARAMETERS].join(", ")}.`);
  const password = decoded(url.password);
  const host = url.searchParams.get("host") ?? (decoded(url.hostname).replace(/^\[(.*)\]$/, "$1") || "localhost");
  const port = url.port === "" ? 5432 : Number(url.port);
  const user = decoded(url.username);
  const database = decoded(url.pathname.slice(1)) || user;
  if (user === "") throw new StoreTrouble("DATABASE_URL names no user. It looks like postgres://user:password@host:5432/database.");
  const secrets = [password, url.password].filter((secret) => secret !== "");
  return {
    host,
    port,
    user,
    password,
    database,
    applicationName: url.searchParams.get("application_name") ?? "signalbox",
    ssl: tlsOf(url),
    shown: `${host.includes(":") ? `[${host}]` : host}:${port}/${database}`,
    clean: (said) => secrets.reduce((clean, secret) => clean.replaceAll(secret, "…"), said),
  };
}

function parsed(text: string): URL {
  try {
    const url = new URL(text);
    if (/^postgres(ql)?:$/.test(url.protocol)) return url;
  } catch {
    // Said below, without the text.
  }
  throw new StoreTrouble(
    "DATABASE_URL cannot be read. It looks like postgres://user:password@host:5432/database; of a password, characters such as @ / # ? % are written as %40 %2F %23 %3F %25.",
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function tlsOf({ searchParams }: URL): false | ConnectionOptions {
  const file = (name: string) => {
    const path = searchParams.get(name);
    if (path === null) return undefined;
    try {
      return readFileSync(path, "utf8");
    } catch (error) {
      throw new StoreTrouble(`DATABASE_URL's ${name} names ${path}, which cannot be read (${error instanceof Error ? error.message : error}).`, error);
    }
  };
  const [ca, cert, key] = [file("sslrootcert"), file("sslcert"), file("sslkey")];
  const wanted = searchParams.get("sslmode") ?? (ca === undefined ? "disable" : "verify-full");
  const mode = SSL_MODES.find((each) => each === wanted);
  const common: ConnectionOptions = { ca, cert, key };
  switch (mode) {
    case "disable":
      return false;
    case "require":
      return ca === undefined ? { ...common, rejectUnauthorized: false } : { ...common, checkServerIdentity: () => undefined };
    case "no-verify":
      return { ...common, rejectUnauthorized: false };
    case "verify-ca":
      return { ...common, checkServerIdentity: () => undefined };
    case "verify-full":
      return common;
    case undefined:
      throw new StoreTrouble(`DATABASE_URL has sslmode=${wanted}, which is not known here. It may be ${SSL_MODES.join(", ")}.`);
    default:
      return mode satisfies never;
  }
}
