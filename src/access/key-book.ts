import type { KeyRow } from "../store/keys/key-row.ts";

/** What access needs of the store. */
export interface KeyBook {
  /** On the disk when it settles. `replaces` is revoked in the same transaction. */
  insert(key: KeyRow, options?: { readonly replaces?: string }): Promise<void>;
  /** Overwrites what may change of the key with this id. */
  update(key: KeyRow): Promise<void>;
  /** Revoked and expired keys are found too. Rejects when the ledger cannot be asked. */
  findByHash(hash: string): Promise<KeyRow | undefined>;
  list(): Promise<KeyRow[]>;
  /** Says whether there was a living key of this id. */
  revoke(id: string, at: number): Promise<boolean>;
  /** Notes a use: never waits. */
  touch(id: string, at: number): void;
}
