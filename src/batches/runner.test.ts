import { expect, test } from "bun:test";
import { describeStores, withStore } from "../store/stores.fixture.ts";
import { Failure } from "../vocabulary/failure.ts";
import { answered, refused, stage } from "./runner.fixture.ts";

const HOUR = 3_600_000;
async function until(what: string, isSo: () => boolean): Promise<void> {
  for (let looks = 0; !isSo(); looks++) {
    if (looks > 2000) throw new Error(`In vain was waited for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
/** Lets what is under way come to rest. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 150));

describeStores("a batch", (kind) => {
  test("is asked in its order, no more at once than may be, and ends with its files", () =>
    withStore(kind, async (store) => {
      let [now, most] = [0, 0];
      const { make, once, words, results, runner, asked } = stage(store, {
        async serve() {
          most = Math.max(most, ++now);
          await until("three to be asked at once", () => asked.length >= 3);
          now--;
          return answered();
        },
      });
      const { id } = await make(["a", "b", "c", "d", "e", "f"]);
      const batch = await once(id, ({ status }) => status === "completed");
      expect([words(), most]).toEqual([["a", "b", "c", "d", "e", "f"], 3]);
      expect(batch.counts).toEqual({ total: 6, completed: 6, failed: 0 });
      expect(await results(batch.outputFile)).toEqual({ a: 200, b: 200, c: 200, d: 200, e: 200, f: 200 });
      expect(batch.errorFile).toBeUndefined();
      await runner.stop(0, new Failure("overloaded", ""));
    }));

  test("waits for the hours of its model, and does not hold up what is up", () =>
    withStore(kind, async (store) => {
      const opens = { at: Number.POSITIVE_INFINITY };
      const { make, once, words, turnTo, epoch, clock, runner } = stage(store, {
        capacity: { whenServed: (model) => (model === "m" || clock.now() >= opens.at ? { now: true } : { now: false, from: opens.at, why: "" }) },
      });
      opens.at = epoch + 14 * HOUR + 1_800_000;
      const { id } = await make(["night:one", "day", "night:two"]);
      await once(id, ({ counts }) => counts.completed === 1);
      expect(words()).toEqual(["day"]);
      await settle();
      turnTo(14 * HOUR);
      await settle();
      expect(words()).toEqual(["day"]);
      turnTo(14 * HOUR + 1_800_000);
      await once(id, ({ status }) => status === "completed");
      expect(words()).toEqual(["day", "one", "two"]);
      await runner.stop(0, new Failure("overloaded", ""));
    }));

  test("lets others go first: nothing of it begins while its model is busy", () =>
    withStore(kind, async (store) => {
      let idle = false;
      const { make, once, words, turnTo, runner } = stage(store, { capacity: { idle: () => idle } });
      const { id } = await make(["a"]);
      await once(id, ({ status }) => status === "in_progress");
      await settle();
      turnTo(10_000);
      await settle();
      expect(words()).toEqual([]);
      idle = true;
      turnTo(11_000);
      await once(id, ({ status }) => status === "completed");
      await runner.stop(0, new Failure("overloaded", ""));
    }));

  test("waits out a limit, and goes on", () =>
    withStore(kind, async (store) => {
      let limited = true;
      const { make, once, words, turnTo, results, runner } = stage(store, {
        serve: () => (limited ? refused(new Failure("rate-limited", "", { retryAfter: 40 })) : answered()),
      });
      const { id } = await make(["a", "b", "c"]);
      await once(id, ({ status }) => status === "in_progress");
      await settle();
      turnTo(39_000);
      await settle();
      const before = words().length;
      limited = false;
      turnTo(41_000);
      const batch = await once(id, ({ status }) => status === "completed");
      expect([before <= 3, await results(batch.outputFile)]).toEqual([true, { a: 200, b: 200, c: 200 }]);
      await runner.stop(0, new Failure("overloaded", ""));
    }));

  test("expires: what was not asked by then is told so", () =>
    withStore(kind, async (store) => {
      const { make, once, turnTo, results, runner } = stage(store, {
        capacity: { whenServed: (model) => (model === "night" ? { now: false, why: "" } : { now: true }) },
      });
      const { id } = await make(["a", "night:b"], "2h");
      await once(id, ({ counts }) => counts.completed === 1);
      await settle();
      turnTo(2 * HOUR);
      const batch = await once(id, ({ status }) => status === "expired");
      expect([await results(batch.outputFile), await results(batch.errorFile)]).toEqual([{ a: 200 }, { "night:b": "batch_expired" }]);
      expect(batch.counts).toEqual({ total: 2, completed: 1, failed: 1 });
      await runner.stop(0, new Failure("overloaded", ""));
    }));

  test("whose maker may not ask any more says so for every line", () =>
    withStore(kind, async (store) => {
      let revoked = false;
      const { make, once, turnTo, results, runner } = stage(store, {
        async callerNow() {
          if (revoked) throw new Failure("invalid-key", "This API key was revoked.");
          return { keyId: "key_1", keyName: "one", role: "member" };
        },
        capacity: {
          idle() {
            revoked = true;
            return false;
          },
        },
        serve: ({ caller }) => (caller instanceof Failure ? refused(caller) : answered()),
      });
      const { id } = await make(["a", "b"]);
      await until("its model to be looked at", () => revoked);
      await settle();
      turnTo(1_000);
      const batch = await once(id, ({ status }) => status === "completed");
      expect(await results(batch.errorFile)).toEqual({ a: 401, b: 401 });
      await runner.stop(0, new Failure("overloaded", ""));
    }));

  test("is left by a gateway that stops: what was sent is not asked again, what was not is", () =>
    withStore(kind, async (store) => {
      const stopping = new Failure("overloaded", "It stops.");
      const first = stage(store, {
        serve: (line) => new Promise((resolve) => line.onCallOff((reason) => resolve({ ...refused(reason, line.body.includes("sent")), calledOff: true }))),
      });
      const { id } = await first.make(["sent", "waiting"]);
      await until("both to be asked", () => first.asked.length === 2);
      const stopped = first.runner.stop(1000, stopping);
      await settle();
      first.turnTo(1000);
      await stopped;
      const second = stage(store);
      const batch = await second.once(id, ({ status }) => status === "completed");
      expect(second.words()).toEqual(["waiting"]);
      expect([await second.results(batch.outputFile), await second.results(batch.errorFile)]).toEqual([{ waiting: 200 }, { sent: "interrupted" }]);
      await second.runner.stop(0, stopping);
    }));
});

test("without batches no time is kept and nothing is asked", () =>
  withStore({ name: "SQLite", fresh: async () => ({}) }, async (store) => {
    const { running, runner, complaints } = stage(store, { shared: false });
    await settle();
    expect([running(), complaints]).toEqual([0, []]);
    await runner.stop(0, new Failure("overloaded", ""));
  }));
