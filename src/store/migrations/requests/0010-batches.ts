import type { Migration } from "../../migrate.ts";

/** The batch that a request is a line of: it has its own price, which putting prices right has to know of. */
export const inBatches: Migration = {
  id: "0010-batches",
  up: `
    ALTER TABLE requests ADD COLUMN batch TEXT;
    CREATE INDEX requests_batch ON requests (batch, started_at) WHERE batch IS NOT NULL;
  `,
};
