import { describe, expect, test } from "bun:test";
import { appendFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { inFolder } from "../temporary.fixture.ts";
import { type Frame, frameBytes, framesIn } from "./frames.ts";
import { type JournalOptions, startJournal } from "./journal.ts";
import { journalFolder, leftovers } from "./leftovers.ts";

const linesOf = (frames: readonly Frame[]) => frames.flatMap(({ lines }) => lines);
const readAll = (journals: string) => leftovers(journals).flatMap((leftover) => linesOf(leftover.read()));
const start = (journals: string, more: Partial<JournalOptions> = {}) => startJournal({ folder: journalFolder(journals, "me"), durability: "strict", ...more });

describe("frames", () => {
  const frames = fc.array(
    fc.array(
      fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\n", " ")),
      { minLength: 1, maxLength: 5 },
    ),
    { maxLength: 6 },
  );

  test("cut anywhere, the whole frames before the cut are read, and not a line more", () => {
    fc.assert(
      fc.property(frames, fc.nat(), (all, cut) => {
        let first = 1;
        const written = all.map((lines) => {
          const frame = { first, lines };
          first += lines.length;
          return frame;
        });
        const pieces = written.map(frameBytes);
        const bytes = Buffer.concat(pieces);
        const end = bytes.length === 0 ? 0 : cut % (bytes.length + 1);
        const read = framesIn(bytes.subarray(0, end));
        let until = 0;
        const ends = pieces.map((piece) => (until += piece.length));
        const count = ends.filter((each) => each <= end).length;
        const [expected, whole] = [written.slice(0, count), ends[count - 1] ?? 0];
        expect(read).toEqual({ frames: expected, whole });
      }),
    );
  });

  test("a byte that was changed ends the reading there", () => {
    const bytes = Buffer.concat([frameBytes({ first: 1, lines: ["a"] }), frameBytes({ first: 2, lines: ["bcd"] })]);
    bytes[bytes.length - 3] = 0x41;
    expect(framesIn(bytes).frames).toEqual([{ first: 1, lines: ["a"] }]);
  });
});

describe.each(["strict", "relaxed"] as const)("a %s journal", (durability) => {
  test("gives back what was durable, in order", async () => {
    await inFolder(async (journals) => {
      const journal = start(journals, { durability });
      const numbers: number[] = [];
      await Promise.all(
        Array.from({ length: 50 }, async (_, index) => {
          numbers.push(journal.append(`line ${index}`));
          await journal.durable();
        }),
      );
      expect(numbers).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
      // As a process that is killed now would leave it: nothing was closed.
      expect(readAll(journals)).toEqual(Array.from({ length: 50 }, (_, index) => `line ${index}`));
      await journal.close();
    });
  });

  test("writes what nobody waits for as well, at the latest when it is closed", async () => {
    await inFolder(async (journals) => {
      const journal = start(journals, { durability });
      journal.append("a");
      await journal.durable();
      journal.append("b");
      await journal.close();
      expect(readAll(journals)).toEqual(["a", "b"]);
    });
  });
});

test("those who ask in one turn share one commit", async () => {
  await inFolder(async (journals) => {
    const journal = start(journals);
    const asked = Array.from({ length: 5 }, (_, index) => {
      journal.append(`${index}`);
      return journal.durable();
    });
    expect(new Set(asked).size).toBe(1);
    await asked[0];
    const [frames] = leftovers(journals).map((leftover) => leftover.read());
    expect(frames).toEqual([{ first: 1, lines: ["0", "1", "2", "3", "4"] }]);
    await journal.close();
  });
});

test("files end at their size, and go when nothing in them is needed", async () => {
  await inFolder(async (journals) => {
    const journal = start(journals, { segmentBytes: 100 });
    for (let index = 0; index < 6; index++) {
      journal.append("x".repeat(60));
      await journal.durable();
    }
    const files = () =>
      readdirSync(journalFolder(journals, "me"))
        .sort()
        .map((name) => Number.parseInt(name, 10));
    expect(files()).toEqual([1, 3, 5]);
    journal.forget(1);
    expect(files()).toEqual([1, 3, 5]);
    journal.forget(2);
    expect(files()).toEqual([3, 5]);
    // The file that is written to stays.
    journal.forget(6);
    expect(files()).toEqual([5]);
    await journal.close();
  });
});

describe("what a killed process left", () => {
  const written = async (journals: string) => {
    const journal = start(journals, { segmentBytes: 10 });
    for (const line of ["a", "b", "c"]) {
      journal.append(line);
      await journal.durable();
    }
    const folder = journalFolder(journals, "me");
    return {
      journal,
      files: readdirSync(folder)
        .sort()
        .map((name) => join(folder, name)),
    };
  };

  test("a last line that was cut off was promised to nobody", async () => {
    await inFolder(async (journals) => {
      const { journal, files } = await written(journals);
      const last = files.at(-1) ?? "";
      truncateSync(last, readFileSync(last).length - 1);
      expect(readAll(journals)).toEqual(["a", "b"]);
      appendFileSync(files.at(-2) ?? "", "#9 1 0 1\n");
      expect(() => readAll(journals)).toThrow("is damaged after byte");
      await journal.close();
    });
  });

  test("damage in the middle is told, not passed over", async () => {
    await inFolder(async (journals) => {
      const { journal, files } = await written(journals);
      writeFileSync(files[0] ?? "", "rubbish");
      expect(() => readAll(journals)).toThrow("entries of the ledger may be missing");
      await journal.close();
    });
  });

  test("is removed when it has been entered", async () => {
    await inFolder(async (journals) => {
      const { journal } = await written(journals);
      await journal.close();
      for (const leftover of leftovers(journals)) leftover.remove();
      expect(leftovers(journals)).toEqual([]);
    });
  });
});
