import type { Batch, BatchFault, BatchLine, Holding } from "../../vocabulary/batch.ts";
import type { Caller } from "../../vocabulary/caller.ts";
import { asFailure, Failure } from "../../vocabulary/failure.ts";
import { bytesOf } from "../files/write-file.ts";
import type { RunParts } from "../parts.ts";
import { refusalOf } from "../refusal.ts";
import { type FileLine, linesOf } from "./lines-of.ts";
import { readLine } from "./read-line.ts";

/** Faults that are told; whoever has as many looks at them first. */
const MOST_FAULTS = 100;
/** Lines, and characters of them, that are written at once. */
const AT_ONCE = { lines: 500, characters: 4 * 1024 * 1024 };

/** What the file of a batch comes to. */
export type Read = { readonly total: number; readonly model?: string } | { readonly faults: readonly BatchFault[] } | "stopped";

type ReadParts = Pick<RunParts, "book" | "files" | "settings" | "callerNow" | "mayAsk">;

/**
 * Reads the file of a batch line by line, and keeps its lines. `stopped`: as `goesOn` says. Rejects when it cannot be said now whether it is
 * good: it is read anew then.
 */
export async function readBatch(batch: Batch, holding: Holding, parts: ReadParts, goesOn: () => boolean): Promise<Read> {
  const caller = await parts.callerNow(batch.author).catch(refusalOf);
  if (caller instanceof Failure) return { faults: [{ code: caller.row.code, message: caller.message, param: null, line: null }] };
  if ((await parts.files.find({ id: batch.inputFile, owner: batch.owner })) === undefined)
    return { faults: [{ code: "file_not_found", message: `There is no file ${batch.inputFile} any more.`, param: "input_file_id", line: null }] };
  await parts.book.beginLines(holding);
  const reader = new BatchReader(batch, caller, parts);
  for await (const line of linesOf(bytesOf(batch.inputFile, parts.files), parts.settings().longestLine)) {
    if (!goesOn()) return "stopped";
    await reader.read(line);
    if (reader.isFull) break;
    if (reader.hasMany) await parts.book.addLines({ ...holding, lines: reader.take() });
  }
  const rest = reader.take();
  if (rest.length > 0) await parts.book.addLines({ ...holding, lines: rest });
  return reader.end();
}

/** What has been read of a file so far. */
class BatchReader {
  readonly #batch: Batch;
  readonly #caller: Caller;
  readonly #parts: ReadParts;
  readonly #ids = new Set<string>();
  /** Why a model may not be asked; `undefined`: it may. */
  readonly #models = new Map<string, Failure | undefined>();
  readonly #faults: BatchFault[] = [];
  #lines: BatchLine[] = [];
  #characters = 0;
  #total = 0;

  constructor(batch: Batch, caller: Caller, parts: ReadParts) {
    this.#batch = batch;
    this.#caller = caller;
    this.#parts = parts;
  }

  /** There is no use in reading on. */
  get isFull(): boolean {
    return this.#faults.length >= MOST_FAULTS || this.#total > this.#parts.settings().mostLines;
  }

  get hasMany(): boolean {
    return this.#lines.length >= AT_ONCE.lines || this.#characters >= AT_ONCE.characters;
  }

  /** What was read and is not kept yet. */
  take(): readonly BatchLine[] {
    const lines = this.#lines;
    this.#lines = [];
    this.#characters = 0;
    return lines;
  }

  async read({ number, bytes }: FileLine): Promise<void> {
    const text = bytes === undefined ? undefined : textOf(bytes);
    if (text?.trim() === "") return;
    this.#total++;
    const tell = (code: string, message: string, param: string | null = null) => void this.#faults.push({ code, message, param, line: number });
    if (bytes === undefined) return tell("line_too_large", `This line is larger than ${this.#parts.settings().longestLine} bytes, as no request may be.`);
    if (text === undefined) return tell("invalid_json_line", "This line is not valid UTF-8.");
    const line = readLine(text, this.#batch.endpoint);
    if ("code" in line) return tell(line.code, line.message, line.param);
    if (this.#ids.has(line.customId)) return tell("duplicate_custom_id", `Another line has the custom_id ${JSON.stringify(line.customId)} too.`, "custom_id");
    this.#ids.add(line.customId);
    const refusal = await this.#refusalOf(line.model);
    if (refusal !== undefined) return tell(refusal.row.code, refusal.message, "body.model");
    this.#lines.push({ number, ...line });
    this.#characters += line.body.length;
  }

  end(): Read {
    const { mostLines } = this.#parts.settings();
    const whole = { param: null, line: null };
    if (this.#total > mostLines) return { faults: [{ code: "too_many_lines", message: `A batch has ${mostLines} lines at most. Send several.`, ...whole }] };
    if (this.#faults.length > 0) return { faults: this.#faults };
    if (this.#total === 0) return { faults: [{ code: "empty_file", message: "There is no request in this file.", ...whole }] };
    const [model, ...others] = this.#models.keys();
    return { total: this.#total, model: others.length === 0 ? model : undefined };
  }

  async #refusalOf(model: string): Promise<Failure | undefined> {
    if (!this.#models.has(model)) this.#models.set(model, await this.#askAbout(model));
    return this.#models.get(model);
  }

  async #askAbout(model: string): Promise<Failure | undefined> {
    try {
      await this.#parts.mayAsk(model, this.#caller);
      return undefined;
    } catch (thrown) {
      const failure = asFailure(thrown);
      if (failure.kind === "model-not-found") return failure;
      throw thrown;
    }
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true });

/** Without the mark some editors begin a file with. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
