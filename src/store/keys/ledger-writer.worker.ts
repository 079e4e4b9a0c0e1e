import { type OpenDatabase, openDatabase } from "../database/open-database.ts";
import type { Place } from "../database/place.ts";
import { answerQuestions, opened, tellTrouble } from "../workers/worker-side.ts";
import { findKeyByHash, insertKey, type KeyMoment, type LedgerTables, listKeys, revokeKey, touchKeys, updateKey } from "./key-queries.ts";
import type { KeyRow } from "./key-row.ts";

let ledger: OpenDatabase<LedgerTables> | undefined;

/** Keys are looked up here and not in the reader worker: a long report must not keep a caller waiting at the door. */
const methods = {
  async open(place: Place): Promise<void> {
    ledger = await openDatabase<LedgerTables>(place, { access: "strict", told: tellTrouble });
  },
  insert: (request: { readonly key: KeyRow; readonly replaces?: string }): Promise<void> => insertKey(opened(ledger).kysely, request),
  update: (key: KeyRow): Promise<void> => updateKey(opened(ledger).kysely, key),
  findByHash: (hash: string): Promise<KeyRow | undefined> => findKeyByHash(opened(ledger).kysely, hash),
  list: (_: null): Promise<KeyRow[]> => listKeys(opened(ledger).kysely),
  revoke: (revocation: KeyMoment): Promise<boolean> => revokeKey(opened(ledger).kysely, revocation),
  touch: (uses: readonly KeyMoment[]): Promise<void> => touchKeys(opened(ledger).kysely, uses),
  close: async (): Promise<void> => ledger?.close(),
};

export type LedgerWriter = typeof methods;

answerQuestions(methods);
