import type { WorkerLink } from "../workers/worker-link.ts";
import type { KeyRow } from "./key-row.ts";
import type { LedgerWriter } from "./ledger-writer.worker.ts";

/** The keys in the ledger. Every promise rejects with `StoreTrouble` when the ledger does not answer in time. */
export interface KeyStore {
  /** On the disk when it settles. `replaces` is revoked in the same transaction. Rejects when a key with this hash exists. */
  insert(key: KeyRow, options?: { readonly replaces?: string }): Promise<void>;
  /** Overwrites what may change of the key with this id; hash, creation and last use stay. */
  update(key: KeyRow): Promise<void>;
  /** Revoked and expired keys are found too. */
  findByHash(hash: string): Promise<KeyRow | undefined>;
  list(): Promise<KeyRow[]>;
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
    update: (key) => writer.ask("update", key),
    findByHash: (hash) => writer.ask("findByHash", hash),
    list: () => writer.ask("list", null),
    revoke: (id, at) => writer.ask("revoke", { id, at }),
    touch(id, at) {
      uses.set(id, at);
      timer ??= setTimeout(writeUses, everyMs);
    },
    flush: writeUses,
  };
}
