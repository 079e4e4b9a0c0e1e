import { describe, expect, test } from "bun:test";
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { inFolder } from "../temporary.fixture.ts";
import { type JournalBounds, openJournal, type RowJournal } from "./row-journal.ts";

const encoder = new TextEncoder();
const rowOf = (name: string) => `["${name}"]\n{"trace":"${name}"}\n`;
const append = (journal: RowJournal, ...names: string[]) => journal.append(encoder.encode(names.map(rowOf).join("")), names.length);

/** All that waits, taken piece by piece. */
function drained(journal: RowJournal): string {
  let text = "";
  for (let next = journal.next(); next !== undefined; next = journal.next()) {
    text += next.text;
    next.done();
  }
  return text;
}

const withJournal = (bounds: JournalBounds, work: (open: () => RowJournal, path: string) => void) =>
  inFolder(async (folder) => {
    const path = join(folder, "rows.journal");
    work(() => openJournal(path, bounds), path);
  });

describe("the journal of rows", () => {
  test("gives back what was put in, in order, and is empty then", () =>
    withJournal({}, (open, path) => {
      const journal = open();
      append(journal, "a", "b");
      append(journal, "c");
      expect(journal.rows).toBe(3);
      expect(drained(journal)).toBe(["a", "b", "c"].map(rowOf).join(""));
      expect([journal.rows, readFileSync(path, "utf8")]).toEqual([0, ""]);
    }));

  test("gives the same again until that is done with, also after a restart", () =>
    withJournal({}, (open) => {
      const first = open();
      append(first, "a");
      expect(first.next()?.text).toBe(rowOf("a"));
      expect(first.next()?.text).toBe(rowOf("a"));
      first.close();
      const second = open();
      expect([second.rows, second.next()?.text]).toEqual([1, rowOf("a")]);
    }));

  test("takes rows while it is being emptied", () =>
    withJournal({}, (open) => {
      const journal = open();
      append(journal, "a");
      const first = journal.next();
      append(journal, "b");
      first?.done();
      expect([journal.rows, drained(journal)]).toEqual([1, rowOf("b")]);
    }));

  test("refuses what would make it larger than it may be, and takes rows again once it is empty", () =>
    withJournal({ most: rowOf("a").length * 2 }, (open) => {
      const journal = open();
      expect([append(journal, "a", "b"), append(journal, "c"), journal.rows]).toEqual([true, false, 2]);
      drained(journal);
      expect(append(journal, "c")).toBe(true);
    }));

  const torn = ["x", '["x"]', '["x"]\n', '["x"]\n{"trace"'];
  test.each(torn)("cuts off a row that was written half: %j", (half) =>
    withJournal({}, (open, path) => {
      append(open(), "a");
      appendFileSync(path, half);
      const journal = open();
      append(journal, "b");
      expect([journal.rows, drained(journal)]).toEqual([2, rowOf("a") + rowOf("b")]);
    }),
  );

  test("loses nothing and doubles nothing, whatever the size of rows and pieces, and wherever it is opened anew", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.array(
            fc.string({ unit: "grapheme", maxLength: 40 }).map((text) => encodeURIComponent(text)),
            { minLength: 1, maxLength: 5 },
          ),
        ),
        fc.integer({ min: 1, max: 200 }),
        fc.boolean(),
        (batches, chunk, reopened) =>
          withJournal({ chunk }, (open) => {
            let journal = open();
            for (const names of batches) append(journal, ...names);
            if (reopened) {
              journal.close();
              journal = open();
            }
            expect(journal.rows).toBe(batches.flat().length);
            expect(drained(journal)).toBe(batches.flat().map(rowOf).join(""));
            expect(journal.rows).toBe(0);
            journal.close();
          }),
      ),
      { numRuns: 100 },
    ));
});
