import type { KeptResponse } from "../../vocabulary/kept-response.ts";
import { type OpenDatabase, openDatabase } from "../database/open-database.ts";
import type { Place } from "../database/place.ts";
import { answerQuestions, inTurn, opened, tellTrouble } from "../workers/worker-side.ts";
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
const next = inTurn();

const database = () => opened(responses).kysely;

const methods = {
  open: (place: Place): Promise<void> =>
    next(async () => {
      responses = await openDatabase<ResponseTables>(place, { access: "relaxed", told: tellTrouble });
    }),
  keep: (kept: KeptResponse): Promise<void> => next(() => keepResponse(database(), kept)),
  find: (wanted: Wanted): Promise<KeptResponse | undefined> => next(() => findResponse(database(), wanted)),
  conversation: (wanted: Wanted & { readonly most: number }): Promise<KeptResponse[] | undefined> => next(() => findConversation(database(), wanted)),
  items: (wanted: WantedItems): Promise<Record<string, string> | undefined> => next(() => findItems(database(), wanted)),
  anyOfOthers: (wanted: { readonly ids: readonly string[]; readonly owner: string }): Promise<boolean> => next(() => isAnyOfOthers(database(), wanted)),
  remove: (wanted: Wanted): Promise<boolean> => next(() => removeResponse(database(), wanted)),
  expire: (now: number): Promise<void> => next(() => removeExpired(database(), now)),
  close: (): Promise<void> => next(async () => responses?.close()),
};

export type ResponsesWorker = typeof methods;

answerQuestions(methods);
