import type { KeyRow } from "../store/keys/key-row.ts";
import type { KeyStore } from "../store/keys/keys.ts";
import type { Caller } from "../vocabulary/caller.ts";
import { type Clock, systemClock } from "../vocabulary/clock.ts";
import { Failure, invalidRequest } from "../vocabulary/failure.ts";
import { callerOf, refusalOf } from "./identify.ts";
import { checkOwnKey, hashOf, mintKey, mintKeyId, shownOf, warningAbout } from "./mint.ts";

/** A key to be made. */
export interface KeyWish {
  readonly name: string;
  /** An own string instead of a minted one. */
  readonly key?: string;
  readonly userId?: string;
  readonly source?: string;
  readonly models?: readonly string[];
  readonly admin?: boolean;
  readonly vouches?: boolean;
  readonly strict?: boolean;
  /** Milliseconds since 1970. */
  readonly expiresAt?: number;
}

/** A key just made: the only time its plain text is told. */
export interface NewKey {
  readonly row: KeyRow;
  readonly key: string;
  readonly warnings: readonly string[];
}

/** A key as the file or the environment declares it. */
export interface DeclaredKey {
  /** Where, unique: `environment:WEBUI_API_KEY`, `file:ci`. */
  readonly origin: string;
  readonly name: string;
  readonly key: string;
  readonly source?: string;
  readonly models?: readonly string[];
  readonly vouches?: boolean;
  readonly strict?: boolean;
}

/** What became of the declared keys, by origin. */
export interface SyncReport {
  readonly created: readonly string[];
  readonly rotated: readonly string[];
  readonly updated: readonly string[];
  /** Declared before, not any more. */
  readonly revoked: readonly string[];
  /** Sentences for the operator; they name origins, never keys. */
  readonly warnings: readonly string[];
}

export interface Keys {
  /** Makes a key. Throws `invalid-request` for an own key that cannot travel or is taken. */
  create(wish: KeyWish): Promise<NewKey>;
  list(): Promise<KeyRow[]>;
  /** Who asks with the key of this id, or why nobody may with it any more. Throws `not-found`. */
  bearer(id: string): Promise<Caller | Failure>;
  /** Revokes at once. Throws `not-found` when there is no living key of this id, `invalid-request` when the file or the environment declares it. */
  revoke(id: string): Promise<void>;
  /**
   * The first admin key. A wanted value sets it, and a changed one rotates it; without one it is minted once. `key` is its plain
   * text, only when it was minted just now: print it once.
   */
  ensureAdminKey(wanted?: string): Promise<{ readonly row: KeyRow; readonly key?: string; readonly warnings: readonly string[] }>;
  /** Makes the ledger say what the file and the environment say: idempotent, a changed value rotates, a declaration gone revokes. */
  syncDeclared(declared: readonly DeclaredKey[]): Promise<SyncReport>;
}

export interface KeysParts {
  readonly book: Omit<KeyStore, "flush">;
  /** Told of every key that was made, changed or revoked. */
  readonly forget: (keyId: string) => void;
  readonly clock?: Clock;
}

const FIRST_ADMIN = "first-admin";

/** The keys of this Signalbox, and how they come and go. */
export function createKeys({ book, forget, clock = systemClock }: KeysParts): Keys {
  const rowFor = (key: string, wish: KeyWish, origin: string): KeyRow => ({
    id: mintKeyId(),
    hash: hashOf(key),
    shown: shownOf(key),
    name: wish.name,
    userId: wish.userId,
    source: wish.source,
    models: wish.models,
    admin: wish.admin ?? false,
    vouches: wish.vouches ?? false,
    strict: wish.strict ?? false,
    origin,
    createdAt: clock.now(),
    expiresAt: wish.expiresAt,
  });

  /** Puts this key at its origin: as it is, changed, brought back, or in the place of the key that was there. */
  const place = async (key: string, wish: KeyWish, origin: string): Promise<{ row: KeyRow; change: "none" | "updated" | "created" | "rotated" | "taken" }> => {
    checkOwnKey(key);
    const holder = (await book.list()).find((row) => row.origin === origin && row.revokedAt === undefined);
    const same = await book.findByHash(hashOf(key));
    if (same && same.origin !== origin && same.revokedAt === undefined) {
      if (holder) await revoke(holder.id);
      return { row: same, change: "taken" };
    }
    if (same) {
      if (holder && holder.id !== same.id) await revoke(holder.id);
      const { revokedAt: _revoked, ...living } = same;
      const { name, source, models, admin = false, vouches = false, strict = false } = wish;
      const row: KeyRow = { ...living, name, source, models, admin, vouches, strict, origin, expiresAt: undefined };
      if (same.revokedAt === undefined && JSON.stringify(row) === JSON.stringify({ ...living, expiresAt: undefined })) return { row: same, change: "none" };
      await book.update(row);
      forget(row.id);
      return { row, change: holder && holder.id === same.id ? "updated" : holder ? "rotated" : "created" };
    }
    const row = rowFor(key, wish, origin);
    await book.insert(row, { replaces: holder?.id });
    forget(row.id);
    if (holder) forget(holder.id);
    return { row, change: holder ? "rotated" : "created" };
  };
  const revoke = async (id: string): Promise<boolean> => {
    const done = await book.revoke(id, clock.now());
    forget(id);
    return done;
  };

  return {
    async create(wish) {
      if (wish.key !== undefined) {
        checkOwnKey(wish.key);
        if (await book.findByHash(hashOf(wish.key)))
          throw invalidRequest("key", "This key is or was in use. Choose another, or leave `key` out and one is made.");
      }
      const key = wish.key ?? mintKey();
      const row = rowFor(key, wish, "api");
      await book.insert(row);
      forget(row.id);
      return { row, key, warnings: listOf(wish.key === undefined ? undefined : warningAbout(key)) };
    },
    list: () => book.list(),
    async bearer(id) {
      const row = (await book.list()).find((key) => key.id === id);
      if (row === undefined) throw new Failure("not-found", `There is no key ${id}.`);
      return refusalOf(row, clock.now()) ?? callerOf(row);
    },
    async revoke(id) {
      const row = (await book.list()).find((key) => key.id === id && key.revokedAt === undefined);
      if (!row) throw new Failure("not-found", `There is no living key ${id}.`);
      if (isDeclared(row.origin))
        throw invalidRequest("id", `This key is declared in ${row.origin.replace(":", " ")}: remove it there and reload, or it would come back.`);
      await revoke(id);
    },
    async ensureAdminKey(wanted) {
      if (wanted !== undefined) {
        const { row, change } = await place(wanted, { name: "admin", admin: true }, FIRST_ADMIN);
        const clash =
          change === "taken" && !row.admin
            ? "The admin key's value already belongs to another key, which is not an admin's. Set a value of its own."
            : undefined;
        return { row, warnings: listOf(warningAbout(wanted), clash) };
      }
      const living = (await book.list()).find((row) => row.origin === FIRST_ADMIN && row.revokedAt === undefined);
      if (living) return { row: living, warnings: [] };
      const key = mintKey();
      const { row } = await place(key, { name: "admin", admin: true }, FIRST_ADMIN);
      return { row, key, warnings: [] };
    },
    async syncDeclared(declared) {
      const report = { created: [] as string[], rotated: [] as string[], updated: [] as string[], revoked: [] as string[], warnings: [] as string[] };
      // What is gone goes first: a key may have moved from one place to another.
      const origins = new Set(declared.map((entry) => entry.origin));
      for (const row of await book.list()) {
        if (row.revokedAt !== undefined || !isDeclared(row.origin) || origins.has(row.origin)) continue;
        await revoke(row.id);
        report.revoked.push(row.origin);
      }
      for (const entry of declared) {
        const warning = warningAbout(entry.key);
        if (warning) report.warnings.push(`${entry.origin}: ${warning}`);
        const { row, change } = await place(entry.key, entry, entry.origin);
        if (change === "taken")
          report.warnings.push(`${entry.origin} has the value of the key "${row.name}" (${row.origin}): it stays that key. Give it a value of its own.`);
        else if (change !== "none") report[change].push(entry.origin);
      }
      return report;
    },
  };
}

function isDeclared(origin: string): boolean {
  return origin.startsWith("environment:") || origin.startsWith("file:");
}

function listOf(...sentences: readonly (string | undefined)[]): string[] {
  return sentences.filter((sentence) => sentence !== undefined);
}
