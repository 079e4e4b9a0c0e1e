import type { Kysely } from "kysely";
import type { RequestRecord } from "../vocabulary/record.ts";
import { openForReading } from "./files.ts";
import { kyselyOver } from "./kysely.ts";
import { findRequest, listRequests, type RequestListing, type RequestPage, type RequestTables } from "./request-queries.ts";
import { answerQuestions, opened } from "./worker-side.ts";

let requests: Kysely<RequestTables> | undefined;

/** What the console and reports read, away from the streams. */
const methods = {
  open(path: string): void {
    requests = kyselyOver<RequestTables>(openForReading(path));
  },
  find: (id: string): Promise<RequestRecord | undefined> => findRequest(opened(requests), id),
  list: (listing: RequestListing): Promise<RequestPage> => listRequests(opened(requests), listing),
  async close(): Promise<void> {
    await requests?.destroy();
  },
};

export type Reader = typeof methods;

answerQuestions(methods);
