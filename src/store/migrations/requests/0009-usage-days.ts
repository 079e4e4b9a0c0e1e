import type { Migration } from "../../migrate.ts";
import { UNITS } from "./0006-usage.ts";

const KEYS = ["model", "deployment", "key_id", "user_id", "team_id", "source", "operation", "outcome"];
const SUMS = ["requests", "from_cache", "unpriced", ...UNITS, "cost", "charge"];

/**
 * The hours' sums added up by the day, UTC's, so that reports on a year read some ten thousand rows and not a million: all days before the one in
 * `usage_closed`. The hours that are there already are added up here, but for those of the newest day.
 */
export const usageDays: Migration = {
  id: "0009-usage-days",
  up: `
    CREATE TABLE usage_days (
      day INTEGER NOT NULL,
      ${KEYS.map((key) => `${key} TEXT NOT NULL,`).join("\n      ")}
      ${SUMS.map((sum) => `${sum} INTEGER NOT NULL,`).join("\n      ")}
      PRIMARY KEY (day, ${KEYS.join(", ")})
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE usage_closed (day INTEGER NOT NULL) STRICT;
    INSERT INTO usage_closed (day) SELECT COALESCE(MAX(hour - hour % 86400000), 0) FROM usage_hours;
    INSERT INTO usage_days (day, ${[...KEYS, ...SUMS].join(", ")})
    SELECT hour - hour % 86400000, ${KEYS.join(", ")}, ${SUMS.map((sum) => `SUM(${sum})`).join(", ")}
    FROM usage_hours
    WHERE hour < (SELECT day FROM usage_closed)
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9;
  `,
};
