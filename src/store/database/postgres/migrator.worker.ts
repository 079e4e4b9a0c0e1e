import { answerQuestions } from "../../workers/worker-side.ts";
import { bringPostgresUpToDate } from "../bring-up-to-date.ts";
import type { PostgresPlace } from "../place.ts";

/** Lives for one attempt: bringing tables up to date may take longer than anything else that is asked of a database. */
const methods = {
  bringUpToDate: (place: PostgresPlace): Promise<void> => bringPostgresUpToDate(place, Date.now()),
};

export type Migrator = typeof methods;

answerQuestions(methods);
