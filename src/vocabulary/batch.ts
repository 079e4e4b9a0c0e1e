import type { Behalf, Role } from "./caller.ts";
import type { JsonObject } from "./json.ts";

/** What the lines of a batch may ask for. */
export const BATCH_ENDPOINTS = ["/v1/chat/completions", "/v1/embeddings", "/v1/completions", "/v1/responses"] as const;
export type BatchEndpoint = (typeof BATCH_ENDPOINTS)[number];

/** OpenAI's, in the order in which a batch goes through them; the last four are the end. */
export type BatchStatus = "validating" | "in_progress" | "cancelling" | "finalizing" | "completed" | "failed" | "expired" | "cancelled";
export type BatchEnd = "completed" | "expired" | "cancelled";

/** Statuses of batches that somebody has to go on with. */
export const UNFINISHED: readonly BatchStatus[] = ["validating", "in_progress", "cancelling", "finalizing"];

/** Who made a batch, as far as one must know to ask for them later. */
export interface Author {
  readonly keyId: string;
  readonly keyName: string;
  readonly userId?: string;
  readonly teamId?: string;
  /** What they might at the time: it may be less by now, and is never more. */
  readonly role: Role;
  readonly behalf?: Behalf;
}

/** What is wrong with the file of a batch, in OpenAI's form. */
export interface BatchFault {
  readonly code: string;
  readonly message: string;
  readonly param: string | null;
  /** Of the file, from 1 on; absent: it is about the file. */
  readonly line: number | null;
}

export interface BatchCounts {
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
}

/** Tokens of all answers. */
export interface BatchTokens {
  /** Cached ones among them. */
  readonly input: number;
  readonly cached: number;
  /** Reasoning among them. */
  readonly output: number;
  readonly reasoning: number;
}

/** When a batch came to each status. Milliseconds since 1970. */
export interface BatchTimes {
  readonly inProgress?: number;
  readonly finalizing?: number;
  readonly completed?: number;
  readonly failed?: number;
  readonly expired?: number;
  readonly cancelling?: number;
  readonly cancelled?: number;
}

/** A file of requests that are answered some time. Times are milliseconds since 1970. */
export interface Batch {
  readonly id: string;
  /** The user, or the key without one: nobody else may see it. */
  readonly owner: string;
  readonly author: Author;
  readonly endpoint: BatchEndpoint;
  readonly inputFile: string;
  /** As its client wrote it: `24h`. */
  readonly window: string;
  readonly metadata?: JsonObject;
  /** How long the files it writes are kept. Milliseconds; absent: as long as any. */
  readonly outputLifetime?: number;
  readonly status: BatchStatus;
  readonly createdAt: number;
  /** What has not been asked by then never is. */
  readonly expiresAt: number;
  /** Over for so long it is forgotten. */
  readonly keptUntil: number;
  readonly times: BatchTimes;
  /** The model of all its lines, where that is one. */
  readonly model?: string;
  readonly counts: BatchCounts;
  readonly tokens: BatchTokens;
  readonly faults?: readonly BatchFault[];
  readonly outputFile?: string;
  readonly errorFile?: string;
}

/** A request of a batch, as its file has it. */
export interface BatchLine {
  /** Of the file, from 1 on. */
  readonly number: number;
  /** Its client's name for it. */
  readonly customId: string;
  readonly model: string;
  /** JSON text. */
  readonly body: string;
}

/** A line that has been taken to be asked. */
export interface TakenLine extends BatchLine {
  /** So often it was asked before, and its provider failed. */
  readonly tries: number;
}

/** What became of a line. */
export interface LineResult {
  readonly number: number;
  /** It belongs in the file of errors. */
  readonly failed: boolean;
  /** As it stands in its file, without a line end. */
  readonly text: string;
  readonly tokens?: BatchTokens;
}

/** One gateway at one batch: whatever it says counts as long as it holds the batch. */
export interface Holding {
  readonly batch: string;
  readonly holder: string;
}

/** Which batches a gateway wants to go on with. Milliseconds since 1970. */
export interface Taking {
  readonly holder: string;
  /** Others' batches too, whose time has ended before then. */
  readonly endedBefore: number;
  readonly until: number;
  readonly most: number;
  /** Those it is at already. */
  readonly except: readonly string[];
}

/** Which lines of a batch are wanted, in their order. */
export interface LineListing {
  readonly batch: string;
  readonly state: "pending" | "running";
  readonly most: number;
}

export interface ResultListing {
  readonly batch: string;
  readonly failed: boolean;
  /** The number of the last line that was read. */
  readonly after: number;
  readonly most: number;
}

/** How a batch ended, and what it has written. */
export interface Conclusion extends Holding {
  readonly status: BatchEnd;
  readonly at: number;
  readonly outputFile?: string;
  readonly errorFile?: string;
}

/** Which of somebody's batches are wanted, newest first. */
export interface BatchListing {
  readonly owner: string;
  readonly limit: number;
  /** The id of the last one of the page before. */
  readonly after?: string;
}

/** Batches as those see them who make them. Promises reject when nobody can say. */
export interface BatchShelf {
  insert(batch: Batch): Promise<void>;
  find(id: string, owner: string): Promise<Batch | undefined>;
  /** The wanted ones, and whether there are more. */
  list(listing: BatchListing): Promise<{ readonly batches: readonly Batch[]; readonly more: boolean }>;
  /** Nothing of it is to be asked from now on. As it is then; one that is over stays as it was. */
  cancel(wish: { readonly id: string; readonly owner: string; readonly at: number }): Promise<Batch | undefined>;
  /** Batches and files whose time is over, and what was never whole. */
  removeExpired(now: number): Promise<void>;
}

/** Batches as the gateway sees them that goes on with them. What it writes to a batch it does not hold any more is not written. */
export interface BatchWork {
  /** Is there a batch that is not over, whoever holds it? */
  anyLeft(): Promise<boolean>;
  /** Takes batches nobody holds, the oldest first. */
  take(taking: Taking): Promise<readonly Batch[]>;
  /** Holds on to all it holds. What became of those: one that is missing is held no longer. */
  renew(held: { readonly holder: string; readonly until: number }): Promise<readonly Pick<Batch, "id" | "status">[]>;
  /** Lets go of all it holds, for others to go on with. */
  release(holder: string): Promise<void>;
  /** Forgets the lines read so far: its file is read from the beginning. */
  beginLines(holding: Holding): Promise<void>;
  addLines(lines: Holding & { readonly lines: readonly BatchLine[] }): Promise<void>;
  /** Its file is good. As it is then: perhaps cancelled meanwhile; `undefined`: it is not held any more. */
  accept(accepted: Holding & { readonly total: number; readonly at: number; readonly model?: string }): Promise<Batch | undefined>;
  /** Its file is not. */
  refuse(refused: Holding & { readonly faults: readonly BatchFault[]; readonly at: number }): Promise<void>;
  /** Models of the lines that wait. */
  models(batch: string): Promise<readonly string[]>;
  /** Takes the next line that waits, of none of these models, and writes down by which request it is asked. `stopped`: nothing of it is to be asked. */
  claim(wanted: Holding & { readonly requestId: string; readonly except: readonly string[] }): Promise<TakenLine | "stopped" | undefined>;
  /** Nobody was asked, or only in vain: it waits again, behind the others. */
  putBack(line: Holding & { readonly number: number; readonly tries: number }): Promise<void>;
  /** These lines are over. */
  record(over: Holding & { readonly results: readonly LineResult[] }): Promise<void>;
  lines(listing: LineListing): Promise<readonly (Pick<BatchLine, "number" | "customId"> & { readonly requestId?: string })[]>;
  /** All of its lines are over, and its files are being written. As it is then; `undefined`: it is not held any more. */
  finalize(holding: Holding & { readonly at: number }): Promise<Batch | undefined>;
  results(listing: ResultListing): Promise<readonly Pick<LineResult, "number" | "text">[]>;
  /** It is over; its lines stand in its files. False: it is not held any more, and is not. */
  conclude(conclusion: Conclusion): Promise<boolean>;
}
