import type { Migration } from "../../migrate.ts";

/** By which price a request was charged, and what it counts against, as a list in JSON: what is needed to put its price right later. */
export const pricedBy: Migration = {
  id: "0007-priced-by",
  up: `
    ALTER TABLE requests ADD COLUMN price_version TEXT;
    ALTER TABLE requests ADD COLUMN accounts TEXT;
  `,
};
