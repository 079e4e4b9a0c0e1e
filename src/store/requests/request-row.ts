import type { Nano } from "../../vocabulary/money.ts";
import type { RequestRecord, Trace } from "../../vocabulary/record.ts";
import { type Usage, withUnits } from "../../vocabulary/usage.ts";

/** What was used: counts, whole ones. */
export const UNIT_COLUMNS = [
  "input",
  "cache_read",
  "cache_write_5m",
  "cache_write_1h",
  "output",
  "reasoning",
  "audio_input",
  "audio_output",
  "image_input",
  "image_output",
  "milliseconds",
  "characters",
  "images",
  "searches",
  "web_searches",
  "gpu_milliseconds",
  "cache_audio_read",
  "cache_image_read",
  "citations",
] as const;

/** The columns a record fills, in the order of its tuple. */
export const REQUEST_COLUMNS = [
  "id",
  "started_at",
  "operation",
  "dialect",
  "model",
  "deployment",
  "key_id",
  "user_id",
  "team_id",
  "source",
  "end_user",
  "session",
  "batch",
  "stream",
  "status",
  "outcome",
  "failure",
  "message",
  "first_token_ms",
  "total_ms",
  "cache",
  "evidence",
  ...UNIT_COLUMNS,
  "cost",
  "charge",
  "price_version",
  "accounts",
  "trace",
] as const;

const FRACTION_COLUMNS = ["first_token_ms", "total_ms"] as const;
const WHOLE_COLUMNS = ["started_at", "stream", "status", ...UNIT_COLUMNS] as const;
/** Nano-USD: text on their way in and out, so that no digit is lost. */
export const MONEY_COLUMNS = ["cost", "charge"] as const;

type Column = (typeof REQUEST_COLUMNS)[number];
export type Cell = string | number | null;

/** A row of `requests` as the database gives it. `n` counts rows in the order requests ended. */
export type RequestTableRow = Readonly<Record<Exclude<Column, NumberColumn | TextColumn>, string | null>> &
  Readonly<Record<NumberColumn, number | null>> &
  Readonly<Record<TextColumn, string>> & { readonly n: number; readonly started_at: number; readonly total_ms: number; readonly status: number };

type TextColumn = "id" | "operation" | "dialect" | "model" | "outcome" | "trace";
type NumberColumn = (typeof WHOLE_COLUMNS)[number] | (typeof FRACTION_COLUMNS)[number];

/** What PostgreSQL calls the types of the columns. */
export const REQUEST_COLUMN_TYPES: Readonly<Record<Column, string>> = {
  ...fromColumns(REQUEST_COLUMNS, "text"),
  ...fromColumns([...WHOLE_COLUMNS, ...MONEY_COLUMNS], "bigint"),
  ...fromColumns(FRACTION_COLUMNS, "double precision"),
};

function fromColumns<Name extends string>(columns: readonly Name[], type: string): Record<Name, string> {
  return Object.fromEntries(columns.map((column) => [column, type])) as Record<Name, string>;
}

/** A record as text: the cells of its row but the last, and its trace, a line each: so the trace, which is most of it, is neither escaped nor parsed on its way. */
export function linesOf(record: RequestRecord): string {
  return `${JSON.stringify(cellsOf(record))}\n${JSON.stringify(record.trace)}\n`;
}

/** The rows of many such texts, each with all its cells. */
export function* rowsOf(text: string): Iterable<Cell[]> {
  const lines = text.split("\n");
  for (let at = 0; at + 1 < lines.length; at += 2) {
    const [tuple = "", trace = ""] = [lines[at], lines[at + 1]];
    yield [...(JSON.parse(tuple) as Cell[]), trace];
  }
}

/** The cells of its row, its trace left out. */
export function cellsOf(record: Omit<RequestRecord, "trace">): Cell[] {
  const usage = record.usage;
  return [
    record.id,
    record.startedAt,
    record.operation,
    record.dialect,
    record.model,
    record.deployment ?? null,
    record.keyId ?? null,
    record.userId ?? null,
    record.teamId ?? null,
    record.source ?? null,
    record.endUser ?? null,
    record.session ?? null,
    record.batch ?? null,
    record.stream ? 1 : 0,
    record.status,
    record.outcome,
    record.failure ?? null,
    record.message ?? null,
    record.firstTokenMs ?? null,
    record.totalMs,
    record.cache ?? null,
    usage?.evidence ?? null,
    whole(usage?.input),
    whole(usage?.cacheRead),
    whole(usage?.cacheWrite5m),
    whole(usage?.cacheWrite1h),
    whole(usage?.output),
    whole(usage?.reasoning),
    whole(usage?.audioInput),
    whole(usage?.audioOutput),
    whole(usage?.imageInput),
    whole(usage?.imageOutput),
    whole(usage?.milliseconds),
    whole(usage?.characters),
    whole(usage?.images),
    whole(usage?.searches),
    whole(usage?.webSearches),
    whole(usage?.gpuMilliseconds),
    whole(usage?.cacheAudioRead),
    whole(usage?.cacheImageRead),
    whole(usage?.citations),
    record.cost?.toString() ?? null,
    record.charge?.toString() ?? null,
    record.priceVersion ?? null,
    record.accounts === undefined ? null : JSON.stringify(record.accounts),
  ];
}

/** The record a row was made from, its trace left out. */
export function summaryOf(row: Omit<RequestTableRow, "trace">): Omit<RequestRecord, "trace"> {
  return {
    id: row.id,
    startedAt: row.started_at,
    operation: row.operation as RequestRecord["operation"],
    dialect: row.dialect,
    model: row.model,
    deployment: row.deployment ?? undefined,
    keyId: row.key_id ?? undefined,
    userId: row.user_id ?? undefined,
    teamId: row.team_id ?? undefined,
    source: row.source ?? undefined,
    endUser: row.end_user ?? undefined,
    session: row.session ?? undefined,
    batch: row.batch ?? undefined,
    stream: row.stream === 1,
    status: row.status,
    outcome: row.outcome as RequestRecord["outcome"],
    failure: (row.failure ?? undefined) as RequestRecord["failure"],
    message: row.message ?? undefined,
    cache: (row.cache ?? undefined) as RequestRecord["cache"],
    usage: usageOf(row),
    cost: nanoIn(row.cost),
    charge: nanoIn(row.charge),
    priceVersion: row.price_version ?? undefined,
    accounts: row.accounts === null ? undefined : (JSON.parse(row.accounts) as string[]),
    firstTokenMs: row.first_token_ms ?? undefined,
    totalMs: row.total_ms,
  };
}

/** The record a row was made from. */
export function recordOf(row: RequestTableRow): RequestRecord {
  return { ...summaryOf(row), trace: JSON.parse(row.trace) as Trace };
}

function usageOf(row: Omit<RequestTableRow, "trace">): Usage | undefined {
  if (row.evidence === null) return undefined;
  const usage: Usage = {
    input: row.input ?? 0,
    cacheRead: row.cache_read ?? 0,
    cacheWrite5m: row.cache_write_5m ?? 0,
    cacheWrite1h: row.cache_write_1h ?? 0,
    output: row.output ?? 0,
    reasoning: row.reasoning ?? 0,
    audioInput: row.audio_input ?? 0,
    audioOutput: row.audio_output ?? 0,
    imageInput: row.image_input ?? 0,
    evidence: row.evidence as Usage["evidence"],
  };
  return withUnits(usage, {
    milliseconds: row.milliseconds ?? undefined,
    characters: row.characters ?? undefined,
    images: row.images ?? undefined,
    searches: row.searches ?? undefined,
    webSearches: row.web_searches ?? undefined,
    gpuMilliseconds: row.gpu_milliseconds ?? undefined,
    imageOutput: row.image_output ?? undefined,
    cacheAudioRead: row.cache_audio_read ?? undefined,
    cacheImageRead: row.cache_image_read ?? undefined,
    citations: row.citations ?? undefined,
  });
}

function nanoIn(text: string | null): Nano | undefined {
  return text === null ? undefined : BigInt(text);
}

/** Upstreams have been seen to report fractions; the column is an integer and refuses them. */
function whole(count: number | undefined): number | null {
  if (count === undefined) return null;
  return Number.isInteger(count) ? count : Number.isFinite(count) ? Math.round(count) : 0;
}
