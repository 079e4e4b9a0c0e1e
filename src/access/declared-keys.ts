import type { KeyChanges } from "../store/keys/key-queries.ts";
import type { KeyRow } from "../store/keys/key-row.ts";
import type { KeyStore } from "../store/keys/keys.ts";
import type { Clock } from "../vocabulary/clock.ts";
import { factsOf, type KeyWish, keyFor } from "./key-wish.ts";
import { checkOwnKey, hashOf, mintKey, warningAbout } from "./mint.ts";

/** A key as the file or the environment declares it. */
export interface DeclaredKey extends KeyWish {
  /** Where, unique: `environment:WEBUI_API_KEY`, `file:ci`. */
  readonly origin: string;
  readonly key: string;
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

/** Keys that are not made one by one, but stand somewhere. */
export interface DeclaredKeys {
  /**
   * The first admin key. A wanted value sets it, and a changed one rotates it; without one it is minted once. `key` is its plain
   * text, only when it was minted just now: print it once.
   */
  ensureAdminKey(wanted?: string): Promise<{ readonly row: KeyRow; readonly key?: string; readonly warnings: readonly string[] }>;
  /** Makes the ledger say what the file and the environment say: idempotent, a changed value rotates, a declaration gone revokes. */
  syncDeclared(declared: readonly DeclaredKey[]): Promise<SyncReport>;
}

interface DeclaredKeysParts {
  readonly book: Pick<KeyStore, "declared" | "findByHash" | "insert" | "change" | "revoke">;
  readonly forget: (keyId: string) => void;
  readonly clock: Clock;
}

const FIRST_ADMIN = "first-admin";
const ADMIN: KeyWish = { name: "admin", role: "admin" };

/** All that a declaration may say: what it leaves out is taken away. */
const SILENT: KeyChanges = {
  description: null,
  userId: null,
  teamId: null,
  source: null,
  models: null,
  routes: null,
  limits: null,
  budgets: null,
  expiresAt: null,
  revokedAt: null,
};

export function createDeclaredKeys({ book, forget, clock }: DeclaredKeysParts): DeclaredKeys {
  const revoke = async (id: string): Promise<void> => {
    await book.revoke(id, clock.now());
    forget(id);
  };

  /** Puts this key at its origin: as it is, changed, brought back, or in the place of the key that was there. */
  const place = async (
    value: string,
    wish: KeyWish,
    origin: string,
  ): Promise<{ row: KeyRow; change: "none" | "updated" | "created" | "rotated" | "taken" }> => {
    checkOwnKey(value);
    const hash = hashOf(value);
    const holder = (await book.declared()).find((row) => row.origin === origin);
    const found = await book.findByHash(hash);
    const same = found?.hash === hash ? found : undefined;
    if (same && same.origin !== origin && same.revokedAt === undefined) {
      if (holder) await revoke(holder.id);
      return { row: same, change: "taken" };
    }
    if (same) {
      if (holder && holder.id !== same.id) await revoke(holder.id);
      const changed = await book.change(same.id, { ...SILENT, ...said(wish), origin });
      if (changed === undefined || isSame(changed.before, changed.after)) return { row: same, change: "none" };
      forget(same.id);
      return { row: changed.after, change: holder && holder.id === same.id ? "updated" : holder ? "rotated" : "created" };
    }
    const row = keyFor(value, wish, origin, clock.now());
    await book.insert(row, { replaces: holder?.id });
    forget(row.id);
    if (holder) forget(holder.id);
    return { row, change: holder ? "rotated" : "created" };
  };

  return {
    async ensureAdminKey(wanted) {
      if (wanted !== undefined) {
        const { row, change } = await place(wanted, ADMIN, FIRST_ADMIN);
        const clash =
          change === "taken" && row.role !== "admin"
            ? "The admin key's value already belongs to another key, which is not an admin's. Set a value of its own."
            : undefined;
        return { row, warnings: listOf(warningAbout(wanted), clash) };
      }
      const living = (await book.declared()).find((row) => row.origin === FIRST_ADMIN);
      if (living) return { row: living, warnings: [] };
      const key = mintKey();
      const { row } = await place(key, ADMIN, FIRST_ADMIN);
      return { row, key, warnings: [] };
    },
    async syncDeclared(declared) {
      const report = { created: [] as string[], rotated: [] as string[], updated: [] as string[], revoked: [] as string[], warnings: [] as string[] };
      // What is gone goes first: a key may have moved from one place to another.
      const origins = new Set(declared.map(({ origin }) => origin));
      for (const row of await book.declared()) {
        if (!isDeclared(row.origin) || origins.has(row.origin)) continue;
        await revoke(row.id);
        report.revoked.push(row.origin);
      }
      for (const { origin, ...wish } of declared) {
        const warning = warningAbout(wish.key);
        if (warning) report.warnings.push(`${origin}: ${warning}`);
        const { row, change } = await place(wish.key, wish, origin);
        if (change === "taken")
          report.warnings.push(`${origin} has the value of the key "${row.name}" (${row.origin}): it stays that key. Give it a value of its own.`);
        else if (change !== "none") report[change].push(origin);
      }
      return report;
    },
  };
}

/** Is a key the file's or the environment's? */
export function isDeclared(origin: string): boolean {
  return origin.startsWith("environment:") || origin.startsWith("file:");
}

function said(wish: KeyWish): KeyChanges {
  return Object.fromEntries(Object.entries(factsOf(wish)).filter(([, value]) => value !== undefined));
}

function isSame(one: KeyRow, other: KeyRow): boolean {
  return textOf(one) === textOf(other);
}

/** JSON knows no bigint, of which budgets have some. */
function textOf(row: KeyRow): string {
  return JSON.stringify(row, (_name, value) => (typeof value === "bigint" ? String(value) : value));
}

function listOf(...sentences: readonly (string | undefined)[]): string[] {
  return sentences.filter((sentence) => sentence !== undefined);
}
