import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Json, JsonObject } from "../../src/vocabulary/json.ts";

/** One real request and the real answer to it. */
export interface Recording {
  readonly id: string;
  readonly core: boolean;
  readonly provider: string;
  /** `chat_completions`, `anthropic_messages`, `gemini_generate`, `ollama_chat`, … */
  readonly api: string;
  readonly model: string | null;
  /** Bytes may be compared only when `wire`. */
  readonly fidelity: string;
  readonly stream: false | "sse" | "ndjson" | "json-array" | "aws-eventstream";
  readonly features: readonly string[];
  readonly request: RecordedRequest;
  readonly response: RecordedResponse;
  /** From the index: the finish reasons and the usage object the answer carries. */
  readonly finish: readonly string[];
  readonly usage: JsonObject | null;
}
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Json;
  readonly body_encoding?: string;
}
export interface RecordedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON, or the text of a stream, or base64 as `body_encoding` says. */
  readonly body: Json;
  readonly body_encoding?: string;
}

/** A hand-written failure no recording has. */
export interface SyntheticError {
  readonly id: string;
  readonly provider: string;
  readonly stream: boolean;
  readonly note: string;
  readonly request: { readonly method: string; readonly path: string };
  readonly response: RecordedResponse;
}

/** Another gateway's translation, checked against the real services: evidence, not law. */
export interface Translation {
  readonly from: string;
  readonly to: string;
  readonly case: string;
  readonly kind: "request" | "response" | "streaming";
  readonly [field: string]: Json;
}

/** Every given field must match; absent: all. */
export interface Wanted {
  /** Only the small set that holds every combination once. */
  readonly core?: boolean;
  readonly provider?: string;
  readonly api?: string;
  readonly stream?: boolean;
  /** Only answers with a 2xx status, or only others. */
  readonly ok?: boolean;
}

/** The folder beside the repository that holds the recorded traffic, when this machine has it. */
const RECORDINGS_FOLDER = fileURLToPath(new URL("../../../shared/recordings", import.meta.url));

let told = false;

/** Recorded exchanges; `[]` and one printed line where the folder is absent, so callers also need cases of their own. */
export function recordings(wanted: Wanted = {}, folder = RECORDINGS_FOLDER): readonly Recording[] {
  return all(folder).filter((recording) => fits(recording, wanted));
}

/** The hand-written failures; `[]` without the folder. */
export function syntheticErrors(folder = RECORDINGS_FOLDER): readonly SyntheticError[] {
  return present(folder) ? lines<SyntheticError>(`${folder}/synthetic-errors.jsonl`) : [];
}

/** The checked translations from one dialect to another; `[]` without the folder. */
export function translations(from?: string, to?: string, folder = RECORDINGS_FOLDER): readonly Translation[] {
  const found = present(folder) ? lines<Translation>(`${folder}/translations.jsonl`) : [];
  return found.filter((one) => (from === undefined || one.from === from) && (to === undefined || one.to === to));
}

/** Real usage objects with the counts and prices they must give; `[]` without the folder. */
export function usagePrices(folder = RECORDINGS_FOLDER): readonly JsonObject[] {
  return present(folder) ? lines<JsonObject>(`${folder}/usage-prices.jsonl`) : [];
}

/** The answer's exact bytes, as far as the recording kept them. */
export function responseBytes(response: RecordedResponse): Uint8Array {
  if (response.body === null) return new Uint8Array();
  if (typeof response.body !== "string") return Buffer.from(JSON.stringify(response.body));
  return Buffer.from(response.body, response.body_encoding === "base64" ? "base64" : "utf8");
}

function present(folder: string): boolean {
  const found = existsSync(`${folder}/index.jsonl`);
  if (!found && !told && folder === RECORDINGS_FOLDER) console.log("No recorded provider traffic beside this repository: only hand-made fixtures are tried.");
  told ||= !found;
  return found;
}

const loaded = new Map<string, readonly Recording[]>();

function all(folder: string): readonly Recording[] {
  const before = loaded.get(folder);
  if (before) return before;
  const found = present(folder) ? read(folder) : [];
  loaded.set(folder, found);
  return found;
}

function read(folder: string): readonly Recording[] {
  const index = new Map(lines<Recording>(`${folder}/index.jsonl`).map((line) => [line.id, line]));
  const found: Recording[] = [];
  for (const file of readdirSync(`${folder}/exchanges`).toSorted()) {
    for (const exchange of lines<Recording>(`${folder}/exchanges/${file}`)) {
      const row = index.get(exchange.id);
      found.push({ ...exchange, core: row?.core ?? false, finish: row?.finish ?? [], usage: row?.usage ?? null });
    }
  }
  return found;
}

function lines<Line>(file: string): Line[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);
}

function fits(recording: Recording, wanted: Wanted): boolean {
  if (wanted.core && !recording.core) return false;
  if (wanted.provider !== undefined && recording.provider !== wanted.provider) return false;
  if (wanted.api !== undefined && recording.api !== wanted.api) return false;
  if (wanted.stream !== undefined && (recording.stream !== false) !== wanted.stream) return false;
  return wanted.ok === undefined || (recording.response.status >= 200 && recording.response.status < 300) === wanted.ok;
}
