import type { Database } from "bun:sqlite";
import type { Cell } from "../requests/request-row.ts";
import { DAY, DAY_COLUMNS, dayOf, HOUR_COLUMNS, hoursOf, newestHour, USAGE_SUMS, USAGE_TEXTS } from "./usage-sums.ts";

/** The sums of usage in a file, with prepared statements. */
export interface SumsInFile {
  /** Adds rows of requests to the sums of their hours, and to those of their days where these are closed. In the caller's transaction. */
  add(rows: readonly (readonly Cell[])[]): void;
  close(): void;
}

/** A day is closed, its hours added up, with the first row of a later one. A row that comes after that is added to both. */
export function sumsInFile(database: Database): SumsInFile {
  const addToHour = database.prepare(addingTo("usage_hours", HOUR_COLUMNS, "?1"));
  const addToDay = database.prepare(addingTo("usage_days", DAY_COLUMNS, `?1 - ?1 % ${DAY}`));
  const closed = database.prepare<{ readonly day: number }, []>("SELECT day FROM usage_closed");
  const addUp = database.prepare(
    `INSERT INTO usage_days (${DAY_COLUMNS.join(",")})
     SELECT hour - hour % ${DAY} AS day, ${USAGE_TEXTS.join(",")}, ${USAGE_SUMS.map((sum) => `SUM(${sum})`).join(",")}
     FROM usage_hours WHERE hour >= ? AND hour < ? GROUP BY day, ${USAGE_TEXTS.join(",")}`,
  );
  const close = database.prepare("UPDATE usage_closed SET day = ?");
  const statements = [addToHour, addToDay, closed, addUp, close];

  /** The day before which all are closed: that one, or a later one where that is so already. */
  const closedBefore = (day: number): number => {
    const { day: before } = closed.get() ?? { day: 0 };
    if (day <= before) return before;
    addUp.run(before, day);
    close.run(day);
    return day;
  };
  return {
    add(rows) {
      const hours = hoursOf(rows);
      const before = closedBefore(dayOf(newestHour(hours)));
      for (const cells of hours) {
        addToHour.run(...cells);
        if (Number(cells[0]) < before) addToDay.run(...cells);
      }
    },
    close() {
      for (const statement of statements) statement.finalize();
    },
  };
}

/** Adds to a row of sums, or makes it. Its parameters are the cells of an hour, whatever the table. */
const addingTo = (table: string, [time = "", ...columns]: readonly string[], beginning: string) =>
  `INSERT INTO ${table} (${[time, ...columns].join(",")}) VALUES (${[beginning, ...columns.map((_, index) => `?${index + 2}`)].join(",")})
   ON CONFLICT (${[time, ...USAGE_TEXTS].join(",")}) DO UPDATE SET ${USAGE_SUMS.map((sum) => `${sum} = ${sum} + excluded.${sum}`).join(",")}`;
