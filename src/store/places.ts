import { join } from "node:path";
import { bringFileUpToDate } from "./database/bring-up-to-date.ts";
import type { Place, PostgresPlace } from "./database/place.ts";
import { readPostgresAddress } from "./database/postgres/postgres-address.ts";

/** Where each worker finds its database. */
export interface Places {
  readonly ledger: Place;
  readonly requests: Place;
  /** The same as `requests`, for those who only read. */
  readonly reading: Place;
  readonly responses: Place;
  readonly batches: Place;
  /** The same as `ledger`, for whoever reads all of it. */
  readonly books: Place;
  /** Beside PostgreSQL: it has to be brought up to date, and rows wait in this file while it is away. */
  readonly remote?: { readonly place: PostgresPlace; readonly journal: string };
}

/** Milliseconds to read all the books in: nobody waits behind it. */
export const AUDIT_WITHIN = 600_000;

/** A PostgreSQL, as the config names it. */
export interface DatabaseAddress {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string;
  /** Milliseconds a connection, and a statement about keys, may take. */
  readonly timeout: number;
}

/** Files in the folder, brought up to date. Throws `StoreTrouble` when one cannot be opened or a newer Signalbox wrote to it. */
export function placesIn(dataDir: string, now: number): Places {
  const file = (room: "ledger" | "requests" | "responses" | "batches"): Place => {
    const path = join(dataDir, `${room}.db`);
    bringFileUpToDate(path, room, now);
    return { kind: "sqlite", path };
  };
  const [ledger, requests, responses, batches] = [file("ledger"), file("requests"), file("responses"), file("batches")];
  return { ledger, requests, reading: requests, responses, batches, books: ledger };
}

/** Nine connections in all, and one more while the books are added up: a gateway is one of several, and a server has a hundred. Throws `StoreTrouble` for a URL that cannot be understood. */
export function placesAt({ url, timeout }: DatabaseAddress, dataDir: string): Places {
  readPostgresAddress(url);
  const ledger: PostgresPlace = { kind: "postgres", url, connect: timeout, deadline: timeout, connections: 4 };
  return {
    ledger,
    requests: { ...ledger, deadline: Math.max(timeout, 5_000), connections: 1 },
    reading: { ...ledger, deadline: Math.max(timeout, 30_000), connections: 2 },
    responses: { ...ledger, deadline: Math.max(timeout, 5_000), connections: 1 },
    batches: { ...ledger, deadline: Math.max(timeout, 10_000), connections: 1 },
    books: { ...ledger, deadline: AUDIT_WITHIN, connections: 1 },
    remote: { place: ledger, journal: join(dataDir, "requests.journal") },
  };
}
