import type { Changed } from "../../vocabulary/changes.ts";
import { type Page, positionOf } from "../pages.ts";
import { createSightings, type Sightings } from "../sightings.ts";
import type { WorkerLink } from "../workers/worker-link.ts";
import type { KeyHolder } from "./holder.ts";
import type { KeyChanges, KeyListing } from "./key-queries.ts";
import type { KeyRow } from "./key-row.ts";
import type { LedgerWriter } from "./ledger-writer.worker.ts";

/** The keys in the ledger. Every promise rejects with `StoreTrouble` when the ledger does not answer in time. */
export interface KeyStore extends Sightings {
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
}

export function createKeyStore(writer: Pick<WorkerLink<LedgerWriter>, "ask">): KeyStore {
  const sightings = createSightings((seen) => writer.ask("keysSeen", seen));
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
    ...sightings,
  };
}
