import { type Entry, type EntryKind, entryId, type Settlement } from "../../vocabulary/ledger.ts";
import type { Nano } from "../../vocabulary/money.ts";
import type { EntryTableRow } from "./money-tables.ts";

/** A row as it is inserted. */
export type NewEntryRow = Omit<EntryTableRow, "n">;
/** A row as it is read: its money as text. */
export type ReadEntryRow = Omit<EntryTableRow, "n" | "amount" | "held"> & { readonly amount: string; readonly held: string };

/** The columns of an entry that are read as they are. */
export const ENTRY_COLUMNS = [
  "id",
  "kind",
  "account",
  "at",
  "description",
  "request_id",
  "key_id",
  "user_id",
  "team_id",
  "model",
  "deployment",
  "price_version",
  "evidence",
  "prompt_tokens",
  "completion_tokens",
  "reason",
  "actor",
] as const;

export function rowOfEntry(entry: Entry): NewEntryRow {
  return {
    id: entry.id,
    kind: entry.kind,
    account: entry.account,
    amount: entry.amount,
    held: entry.held,
    at: entry.at,
    description: entry.description,
    request_id: entry.requestId ?? null,
    key_id: entry.keyId ?? null,
    user_id: entry.userId ?? null,
    team_id: entry.teamId ?? null,
    model: entry.model ?? null,
    deployment: entry.deployment ?? null,
    price_version: entry.priceVersion ?? null,
    evidence: entry.evidence ?? null,
    prompt_tokens: entry.promptTokens ?? null,
    completion_tokens: entry.completionTokens ?? null,
    reason: entry.reason ?? null,
    actor: entry.actor ?? null,
  };
}

export function entryOfRow(row: ReadEntryRow): Entry {
  return {
    id: row.id,
    kind: row.kind as EntryKind,
    account: row.account,
    amount: BigInt(row.amount),
    held: BigInt(row.held),
    at: Number(row.at),
    description: row.description,
    requestId: row.request_id ?? undefined,
    keyId: row.key_id ?? undefined,
    userId: row.user_id ?? undefined,
    teamId: row.team_id ?? undefined,
    model: row.model ?? undefined,
    deployment: row.deployment ?? undefined,
    priceVersion: row.price_version ?? undefined,
    evidence: (row.evidence ?? undefined) as Entry["evidence"],
    promptTokens: row.prompt_tokens === null ? undefined : Number(row.prompt_tokens),
    completionTokens: row.completion_tokens === null ? undefined : Number(row.completion_tokens),
    reason: row.reason ?? undefined,
    actor: row.actor ?? undefined,
  };
}

/** What a settlement writes into the ledger: what was held pays for it, and what it took beyond that is an overdraft. Nothing where no balance pays. */
export function entriesOf(settlement: Settlement): Entry[] {
  const { payer, used, held, promptTokens, completionTokens, budgets: _budgets, ...facts } = settlement;
  if (payer === undefined) return [];
  const entry = (kind: EntryKind, ending: "" | "o", amount: Nano): Entry => ({
    ...facts,
    id: entryId(settlement.requestId, ending),
    kind,
    account: payer,
    amount: -amount,
    held,
    promptTokens,
    completionTokens,
  });
  // The house pays whatever it comes to: nothing is held for it.
  if (held === 0n || used <= held) return [entry("capture", "", used)];
  return [entry("capture", "", held), { ...entry("overdraft", "o", used - held), held: 0n }];
}
