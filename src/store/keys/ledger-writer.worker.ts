import { openForWriting } from "../files.ts";
import { kyselyOver, type OpenDatabase } from "../kysely.ts";
import { moneyDesk } from "../ledger/money-desk.ts";
import type { MoneyTables } from "../ledger/money-tables.ts";
import { answerQuestions, opened } from "../workers/worker-side.ts";
import { findKeyByHash, insertKey, type KeyMoment, type LedgerTables, listKeys, revokeKey, touchKeys, updateKey } from "./key-queries.ts";
import type { KeyRow } from "./key-row.ts";

let ledger: OpenDatabase<LedgerTables & MoneyTables> | undefined;

/** Keys are looked up here and not in the reader worker: a long report must not keep a caller waiting at the door. */
const methods = {
  open(path: string): void {
    ledger = kyselyOver<LedgerTables & MoneyTables>(openForWriting(path, "strict"));
  },
  insert: (request: { readonly key: KeyRow; readonly replaces?: string }): Promise<void> => insertKey(opened(ledger).kysely, request),
  update: (key: KeyRow): Promise<void> => updateKey(opened(ledger).kysely, key),
  findByHash: (hash: string): Promise<KeyRow | undefined> => findKeyByHash(opened(ledger).kysely, hash),
  list: (_: null): Promise<KeyRow[]> => listKeys(opened(ledger).kysely),
  revoke: (revocation: KeyMoment): Promise<boolean> => revokeKey(opened(ledger).kysely, revocation),
  touch: (uses: readonly KeyMoment[]): Promise<void> => touchKeys(opened(ledger).kysely, uses),
  ...moneyDesk(() => opened(ledger).kysely),
  close(): void {
    ledger?.close();
  },
};

export type LedgerWriter = typeof methods;

answerQuestions(methods);
