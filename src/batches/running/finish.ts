import type { Batch, BatchEnd, Holding } from "../../vocabulary/batch.ts";
import { writeFile } from "../files/write-file.ts";
import type { RunParts } from "../parts.ts";
import { type Unanswered, unansweredResult } from "../results.ts";

/** Lines that are written at once, and results that are read at once. */
const AT_ONCE = 200;

type FinishParts = Pick<RunParts, "book" | "files" | "settings" | "clock">;

/** What became of those lines that were not asked, by how their batch ends. */
const UNASKED = { expired: "batch_expired", cancelled: "batch_cancelled" } as const;

/** Ends a batch, no line of which is being asked: writes its files. Nothing of it is left undone when it is done again. */
export async function finish(batch: Batch, holding: Holding, end: BatchEnd, parts: FinishParts): Promise<void> {
  if (end !== "completed") await giveUp(holding, { state: "pending", code: UNASKED[end] }, parts);
  const { book, clock } = parts;
  const at = clock.now();
  const current = end === "completed" ? await book.finalize({ ...holding, at }) : batch;
  if (current === undefined) return;
  const name = batch.id.replace(/^batch_/, "");
  const outputFile = await written({ id: `file-${name}-output`, filename: `${batch.id}_output.jsonl`, failed: false }, batch, parts);
  const errorFile = await written({ id: `file-${name}-errors`, filename: `${batch.id}_error.jsonl`, failed: true }, batch, parts);
  // Cancelled when everything had been asked already.
  const status = current.status === "cancelling" ? "cancelled" : end;
  await book.conclude({ ...holding, status, at: clock.now(), outputFile, errorFile });
}

/** Lines in this state are over, without an answer. */
export async function giveUp(
  holding: Holding,
  { state, code }: { readonly state: "pending" | "running"; readonly code: Unanswered },
  { book }: Pick<RunParts, "book">,
): Promise<void> {
  for (let before = -1; ; ) {
    const lines = await book.lines({ batch: holding.batch, state, most: AT_ONCE });
    const first = lines[0]?.number;
    // Written by nobody, as the batch is not held any more.
    if (first === undefined || first === before) return;
    before = first;
    await book.record({ ...holding, results: lines.map((line) => unansweredResult({ batch: holding.batch, ...line }, code)) });
  }
}

interface Written {
  readonly id: string;
  readonly filename: string;
  readonly failed: boolean;
}

/** The file of a batch's answers, or of its errors; `undefined` where there are none. */
async function written({ id, filename, failed }: Written, batch: Batch, { book, files, settings, clock }: FinishParts): Promise<string | undefined> {
  const page = (after: number) => book.results({ batch: batch.id, failed, after, most: AT_ONCE });
  const first = await page(0);
  if (first.length === 0) return undefined;
  const chunks = async function* () {
    for (let results = first; results.length > 0; results = await page(results.at(-1)?.number ?? 0))
      yield Buffer.from(results.map(({ text }) => `${text}\n`).join(""));
  };
  const createdAt = clock.now();
  const expiresAt = createdAt + (batch.outputLifetime ?? settings().keep);
  await writeFile({ id, owner: batch.owner, purpose: "batch_output", filename, createdAt, expiresAt }, chunks(), files);
  return id;
}
