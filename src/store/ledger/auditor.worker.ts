import { openDatabase } from "../database/open-database.ts";
import type { Place } from "../database/place.ts";
import { answerQuestions } from "../workers/worker-side.ts";
import { type BooksReport, checkBooks } from "./check.ts";
import type { MoneyTables } from "./money-tables.ts";

/** Reads all there is in the books, over a connection of its own: whoever looks up keys and posts what was spent does not wait for it. */
const methods = {
  async check(place: Place): Promise<BooksReport> {
    const { exact, close } = await openDatabase<MoneyTables>(place, { access: "reading", told: () => undefined });
    try {
      return await checkBooks(exact);
    } finally {
      await close();
    }
  },
};

export type Auditor = typeof methods;

answerQuestions(methods);
