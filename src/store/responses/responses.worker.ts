import type { KeptResponse } from "../../vocabulary/kept-response.ts";
import { openForWriting } from "../files.ts";
import { kyselyOver, type OpenDatabase } from "../kysely.ts";
import { answerQuestions, opened } from "../workers/worker-side.ts";
import {
  findConversation,
  findItems,
  findResponse,
  isAnyOfOthers,
  keepResponse,
  type ResponseTables,
  removeExpired,
  removeResponse,
  type Wanted,
  type WantedItems,
} from "./response-queries.ts";

let responses: OpenDatabase<ResponseTables> | undefined;

/** Answered in order: whoever asks for what was kept just before will find it. */
let turn: Promise<unknown> = Promise.resolve();
function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  const result = turn.then(work);
  turn = result.catch(() => undefined);
  return result;
}

const database = () => opened(responses).kysely;

const methods = {
  open(path: string): void {
    const file = openForWriting(path, "relaxed");
    file.run("PRAGMA foreign_keys = ON");
    responses = kyselyOver<ResponseTables>(file);
  },
  keep: (kept: KeptResponse): Promise<void> => inTurn(() => keepResponse(database(), kept)),
  find: (wanted: Wanted): Promise<KeptResponse | undefined> => inTurn(() => findResponse(database(), wanted)),
  conversation: (wanted: Wanted & { readonly most: number }): Promise<KeptResponse[] | undefined> => inTurn(() => findConversation(database(), wanted)),
  items: (wanted: WantedItems): Promise<Record<string, string> | undefined> => inTurn(() => findItems(database(), wanted)),
  anyOfOthers: (wanted: { readonly ids: readonly string[]; readonly owner: string }): Promise<boolean> => inTurn(() => isAnyOfOthers(database(), wanted)),
  remove: (wanted: Wanted): Promise<boolean> => inTurn(() => removeResponse(database(), wanted)),
  expire: (now: number): Promise<void> => inTurn(() => removeExpired(database(), now)),
  close: (): Promise<void> => inTurn(async () => responses?.close()),
};

export type ResponsesWorker = typeof methods;

answerQuestions(methods);
