import { expect, test } from "bun:test";
import type { Batch, BatchLine, LineResult } from "../../vocabulary/batch.ts";
import { describeStores, plain, withStore } from "../stores.fixture.ts";

const batch = (id: string, more: Partial<Batch> = {}): Batch => ({
  id,
  owner: "ann",
  author: { keyId: "key_1", keyName: "n", userId: "ann", role: "member" },
  endpoint: "/v1/chat/completions",
  inputFile: "file-1",
  window: "24h",
  metadata: { for: "tests" },
  status: "validating",
  createdAt: 1000,
  expiresAt: 2000,
  keptUntil: 9000,
  times: {},
  counts: { total: 0, completed: 0, failed: 0 },
  tokens: { input: 0, cached: 0, output: 0, reasoning: 0 },
  ...more,
});
const line = (number: number, more: Partial<BatchLine> = {}): BatchLine => ({ number, customId: `c${number}`, model: "m", body: `{"n":${number}}`, ...more });
const result = (number: number, more: Partial<LineResult> = {}): LineResult => ({ number, failed: false, text: `r${number}`, ...more });
const TAKING = { endedBefore: 500, until: 1500, most: 10, except: [] };
const held = (name: string, holder = "here") => ({ batch: name, holder });

describeStores("batches", (kind) => {
  test("are what they were made, for their owner alone, newest first", () =>
    withStore(kind, async ({ batches }, reopen) => {
      await batches.insert(batch("a"));
      await batches.insert(batch("b", { createdAt: 1001 }));
      await batches.insert(batch("c", { owner: "bob" }));
      const { batches: again } = await reopen();
      expect(plain(await again.find("a", "ann"))).toEqual(batch("a"));
      expect(await again.find("a", "bob")).toBeUndefined();
      const page = await again.list({ owner: "ann", limit: 1 });
      expect([page.batches.map(({ id }) => id), page.more]).toEqual([["b"], true]);
      expect((await again.list({ owner: "ann", limit: 1, after: "b" })).batches.map(({ id }) => id)).toEqual(["a"]);
    }));

  test("are listed for operators, whosever they are", () =>
    withStore(kind, async ({ batches }) => {
      await batches.insert(batch("a"));
      await batches.insert(batch("b", { owner: "bob", createdAt: 1001 }));
      await batches.insert(batch("c", { status: "completed", createdAt: 1002 }));
      const page = async (more: object) => {
        const { rows, next } = await batches.anyones({ limit: 2, ...more });
        return [rows.map(({ id }) => id).join(" "), next];
      };
      expect(await page({})).toEqual(["c b", "1001-b"]);
      expect(await page({ before: "1001-b" })).toEqual(["a", undefined]);
      expect(await page({ owner: "bob" })).toEqual(["b", undefined]);
      expect(await page({ status: "completed" })).toEqual(["c", undefined]);
    }));

  test("are held by one at a time, until its time ends or it lets go", () =>
    withStore(kind, async ({ batches }) => {
      await batches.insert(batch("a"));
      await batches.insert(batch("b", { status: "completed" }));
      expect(await batches.anyLeft()).toBe(true);
      const takenBy = async (holder: string, endedBefore: number) => (await batches.take({ ...TAKING, holder, endedBefore })).map(({ id }) => id);
      expect(await takenBy("here", 500)).toEqual(["a"]);
      expect(await takenBy("there", 1500)).toEqual([]);
      expect(await batches.renew({ holder: "here", until: 3000 })).toEqual([{ id: "a", status: "validating" }]);
      expect(await takenBy("there", 1501)).toEqual([]);
      expect(await batches.take({ ...TAKING, holder: "there", endedBefore: 3001, except: ["a"] })).toEqual([]);
      expect(await takenBy("there", 3001)).toEqual(["a"]);
      expect(await batches.renew({ holder: "here", until: 3000 })).toEqual([]);
      await batches.release("there");
      expect(await takenBy("here", 500)).toEqual(["a"]);
    }));

  test("have lines that are taken once, the ones put back last, and results that are counted once", () =>
    withStore(kind, async ({ batches }) => {
      await batches.insert(batch("a"));
      await batches.take({ ...TAKING, holder: "here" });
      await batches.addLines({ ...held("a"), lines: [line(9)] });
      await batches.beginLines(held("a"));
      await batches.addLines({ ...held("a"), lines: Array.from({ length: 1200 }, (_, index) => line(index + 1, { model: index === 1 ? "other" : "m" })) });
      expect((await batches.accept({ ...held("a"), total: 1200, at: 1100 }))?.status).toBe("in_progress");
      expect((await batches.models("a")).toSorted()).toEqual(["m", "other"]);
      const claim = (requestId: string, ...except: string[]) => batches.claim({ ...held("a"), requestId, except });
      expect(await claim("req_1")).toEqual({ ...line(1), tries: 0 });
      expect(await claim("req_2", "m")).toEqual({ ...line(2, { model: "other" }), tries: 0 });
      expect(await claim("req_3", "m", "other")).toBeUndefined();
      await batches.putBack({ ...held("a"), number: 2, tries: 1 });
      expect(await claim("req_4", "m")).toEqual({ ...line(2, { model: "other" }), tries: 1 });
      expect(await claim("req_5")).toMatchObject({ number: 3 });
      expect(await batches.lines({ batch: "a", state: "running", most: 10 })).toEqual([
        { number: 1, customId: "c1", requestId: "req_1" },
        { number: 2, customId: "c2", requestId: "req_4" },
        { number: 3, customId: "c3", requestId: "req_5" },
      ]);
      const tokens = { input: 5, cached: 1, output: 7, reasoning: 2 };
      await batches.record({ ...held("a"), results: [result(3, { tokens }), result(1, { failed: true })] });
      await batches.record({ ...held("a"), results: [result(3, { tokens })] });
      await batches.putBack({ ...held("a"), number: 3, tries: 1 });
      expect(await batches.find("a", "ann")).toMatchObject({ counts: { total: 1200, completed: 1, failed: 1 }, tokens });
      expect(await batches.results({ batch: "a", failed: false, after: 0, most: 10 })).toEqual([{ number: 3, text: "r3" }]);
      expect(await batches.results({ batch: "a", failed: true, after: 1, most: 10 })).toEqual([]);
    }));

  test("heed nobody who does not hold them", () =>
    withStore(kind, async ({ batches }) => {
      await batches.insert(batch("a"));
      await batches.take({ ...TAKING, holder: "here" });
      await batches.addLines({ ...held("a"), lines: [line(1)] });
      await batches.accept({ ...held("a"), total: 1, at: 1100 });
      expect(await batches.claim({ ...held("a", "there"), requestId: "req_1", except: [] })).toBe("stopped");
      await batches.record({ ...held("a", "there"), results: [result(1)] });
      await batches.refuse({ ...held("a", "there"), faults: [], at: 1 });
      expect(await batches.accept({ ...held("a", "there"), total: 7, at: 1 })).toBeUndefined();
      expect(await batches.finalize({ ...held("a", "there"), at: 1 })).toBeUndefined();
      expect(await batches.conclude({ ...held("a", "there"), status: "completed", at: 1 })).toBe(false);
      expect(await batches.find("a", "ann")).toMatchObject({ status: "in_progress", counts: { total: 1, completed: 0, failed: 0 } });
    }));

  test("are cancelled as long as something can be, and then nothing of them is taken", () =>
    withStore(kind, async ({ batches }) => {
      await batches.insert(batch("a"));
      await batches.insert(batch("b", { status: "completed" }));
      await batches.take({ ...TAKING, holder: "here" });
      await batches.addLines({ ...held("a"), lines: [line(1)] });
      expect(await batches.cancel({ id: "a", owner: "bob", at: 1200 })).toBeUndefined();
      expect(await batches.cancel({ id: "a", owner: "ann", at: 1200 })).toMatchObject({ status: "cancelling", times: { cancelling: 1200 } });
      expect((await batches.cancel({ id: "b", owner: "ann", at: 1200 }))?.status).toBe("completed");
      expect((await batches.accept({ ...held("a"), total: 1, at: 1300 }))?.status).toBe("cancelling");
      expect(await batches.claim({ ...held("a"), requestId: "req_1", except: [] })).toBe("stopped");
      expect((await batches.finalize({ ...held("a"), at: 1300 }))?.status).toBe("cancelling");
    }));

  test("end with their files, without their lines, and are forgotten in time", () =>
    withStore(kind, async ({ batches }) => {
      await batches.insert(batch("a"));
      await batches.insert(batch("b"));
      await batches.take({ ...TAKING, holder: "here" });
      await batches.addLines({ ...held("a"), lines: [line(1)] });
      await batches.accept({ ...held("a"), total: 1, at: 1100 });
      expect((await batches.finalize({ ...held("a"), at: 1300 }))?.status).toBe("finalizing");
      expect(await batches.conclude({ ...held("a"), status: "completed", at: 1400, outputFile: "file-2" })).toBe(true);
      await batches.refuse({ ...held("b"), faults: [{ code: "empty_file", message: "It is empty.", param: null, line: null }], at: 1500 });
      expect(await batches.find("a", "ann")).toMatchObject({
        status: "completed",
        outputFile: "file-2",
        times: { inProgress: 1100, finalizing: 1300, completed: 1400 },
      });
      expect(await batches.find("b", "ann")).toMatchObject({ status: "failed", faults: [{ code: "empty_file" }], times: { failed: 1500 } });
      expect(await batches.lines({ batch: "a", state: "pending", most: 1 })).toEqual([]);
      expect([await batches.anyLeft(), await batches.renew({ holder: "here", until: 1 })]).toEqual([false, []]);
      await batches.insert(batch("c"));
      await batches.removeExpired(9000);
      expect((await batches.list({ owner: "ann", limit: 10 })).batches.map(({ id }) => id)).toEqual(["c"]);
    }));
});
