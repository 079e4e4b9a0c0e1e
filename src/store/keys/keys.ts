import type { Changed } from "../../vocabulary/changes.ts";
import { type Page, positionOf } from "../pages.ts";
import type { WorkerLink } from "../workers/worker-link.ts";
import type { KeyHolder } from "./holder.ts";
import type { KeyChanges, KeyListing } from "./key-queries.ts";
import type { KeyRow } from "./key-row.ts";
import type { LedgerWriter } from "./ledger-writer.worker.ts";

/** The keys in the ledger. Every promise rejects with `StoreTrouble` when the ledger does not answer in time. */
export interface KeyStore {
  /** On the disk when it settles. `replaces` is revoked in the same transaction. Rejects when a key with this hash exists. */
  insert(key: KeyRow, options?: { readonly replaces?: string }): Promise<void>;
  /** `undefined`: there is no such key. */
  change(id: string, changes: KeyChanges): Promise<Changed<KeyRow> | undefined>;
  find(id: string): Promise<KeyRow | undefined>;
  /** Revoked and expired keys are found too, and those that had this hash before they were last rotated. */
  findByHash(hash: string): Promise<KeyRow | undefined>;
  /** The same with the key's user and team, in one question. */
  holderByHash(hash: string): Promise<KeyHolder | undefined>;
  holder(id: string): Promise<KeyHolder | undefined>;
  /** Revoked ones too, newest first. Throws `invalid-request` for a cursor that is none of ours. */
  list(listing: KeyListing): Promise<Page<KeyRow>>;
  /** Living keys of every origin but the API. */
  declared(): Promise<KeyRow[]>;
  /** Says whether there was a living key of this id. */
  revoke(id: string, at: number): Promise<boolean>;
  /** Notes a use, some seconds later and with others: never waits. */
  touch(id: string, at: number): void;
  /** Writes the uses noted so far. */
  flush(): Promise<void>;
}

const TOUCH_EVERY_MS = 5_000;

export function createKeyStore(writer: Pick<WorkerLink<LedgerWriter>, "ask">, everyMs = TOUCH_EVERY_MS): KeyStore {
  let uses = new Map<string, number>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const writeUses = async () => {
    if (timer) clearTimeout(timer);
    timer = undefined;
    if (uses.size === 0) return;
    const moments = [...uses].map(([id, at]) => ({ id, at }));
    uses = new Map();
    // When a key was last used is a courtesy: a ledger in trouble says so where it matters.
    await writer.ask("touch", moments).catch(() => undefined);
  };

  return {
    insert: (key, options) => writer.ask("insert", { key, replaces: options?.replaces }),
    change: (id, changes) => writer.ask("change", { id, changes }),
    find: (id) => writer.ask("find", id),
    findByHash: (hash) => writer.ask("findByHash", hash),
    holderByHash: (hash) => writer.ask("holderByHash", hash),
    holder: (id) => writer.ask("holder", id),
    async list(listing) {
      if (listing.before !== undefined) positionOf(listing.before);
      return writer.ask("list", listing);
    },
    declared: () => writer.ask("declared", null),
    revoke: (id, at) => writer.ask("revoke", { id, at }),
    touch(id, at) {
      uses.set(id, at);
      timer ??= setTimeout(writeUses, everyMs);
    },
    flush: writeUses,
  };
}
