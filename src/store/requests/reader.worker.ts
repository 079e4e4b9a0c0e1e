import type { RequestRecord } from "../../vocabulary/record.ts";
import { type OpenDatabase, openDatabase } from "../database/open-database.ts";
import type { Place } from "../database/place.ts";
import { listUsage, type UsageQuestion, type UsageRow } from "../usage/usage-queries.ts";
import { answerQuestions, opened, tellTrouble } from "../workers/worker-side.ts";
import { findRequest, listRequests, type RequestListing, type RequestPage, type RequestSearch, type RequestTables } from "./request-queries.ts";

let requests: Promise<OpenDatabase<RequestTables>> | undefined;

/** What the console and reports read, away from the streams. */
const methods = {
  async open(place: Place): Promise<void> {
    requests = openDatabase<RequestTables>(place, { access: "reading", told: tellTrouble });
    await requests;
  },
  find: async (search: RequestSearch): Promise<RequestRecord | undefined> => findRequest((await opened(requests)).kysely, search),
  list: async (listing: RequestListing): Promise<RequestPage> => listRequests((await opened(requests)).kysely, listing),
  usage: async (question: UsageQuestion): Promise<UsageRow[]> => listUsage((await opened(requests)).exact, question),
  close: async (): Promise<void> => (await requests)?.close(),
};

export type Reader = typeof methods;

answerQuestions(methods);
