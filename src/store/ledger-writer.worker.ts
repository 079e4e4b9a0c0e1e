import type { Kysely } from "kysely";
import { openForWriting } from "./files.ts";
import { findKeyByHash, insertKey, type KeyMoment, type LedgerTables, listKeys, revokeKey, touchKeys, updateKey } from "./key-queries.ts";
import type { KeyRow } from "./key-row.ts";
import { kyselyOver } from "./kysely.ts";
import { answerQuestions, opened } from "./worker-side.ts";

let ledger: Kysely<LedgerTables> | undefined;

/** Keys are looked up here and not in the reader worker: a long report must not keep a caller waiting at the door. */
const methods = {
  open(path: string): void {
    ledger = kyselyOver<LedgerTables>(openForWriting(path, "strict"));
  },
  insert: (request: { readonly key: KeyRow; readonly replaces?: string }): Promise<void> => insertKey(opened(ledger), request),
  update: (key: KeyRow): Promise<void> => updateKey(opened(ledger), key),
  findByHash: (hash: string): Promise<KeyRow | undefined> => findKeyByHash(opened(ledger), hash),
  list: (_: null): Promise<KeyRow[]> => listKeys(opened(ledger)),
  revoke: (revocation: KeyMoment): Promise<boolean> => revokeKey(opened(ledger), revocation),
  touch: (uses: readonly KeyMoment[]): Promise<void> => touchKeys(opened(ledger), uses),
  async close(): Promise<void> {
    await ledger?.destroy();
  },
};

export type LedgerWriter = typeof methods;

answerQuestions(methods);
