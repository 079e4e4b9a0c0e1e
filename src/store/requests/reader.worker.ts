import type { RequestRecord } from "../../vocabulary/record.ts";
import { openForReading } from "../files.ts";
import { kyselyOver, type OpenDatabase } from "../kysely.ts";
import { answerQuestions, opened } from "../workers/worker-side.ts";
import { findRequest, listRequests, type RequestListing, type RequestPage, type RequestTables } from "./request-queries.ts";

let requests: OpenDatabase<RequestTables> | undefined;

/** What the console and reports read, away from the streams. */
const methods = {
  open(path: string): void {
    requests = kyselyOver<RequestTables>(openForReading(path));
  },
  find: (id: string): Promise<RequestRecord | undefined> => findRequest(opened(requests).kysely, id),
  list: (listing: RequestListing): Promise<RequestPage> => listRequests(opened(requests).kysely, listing),
  close(): void {
    requests?.close();
  },
};

export type Reader = typeof methods;

answerQuestions(methods);
