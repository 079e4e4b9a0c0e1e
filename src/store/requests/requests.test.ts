import { describe, expect, test } from "bun:test";
import { record } from "../temporary.fixture.ts";
import { StoreTrouble } from "../trouble.ts";
import { rowsOf } from "./request-row.ts";
import { createRequestStore, type RequestStoreParts } from "./requests.ts";

/** A queue whose worker notes the batches and answers when told to. */
function queueOver(bounds: RequestStoreParts["bounds"], journaled = 0) {
  const batches: string[][] = [];
  const answers: PromiseWithResolvers<never>[] = [];
  const replays: (() => Promise<{ taken: number; written: number }>)[] = [];
  const writer = {
    ask(method: string, argument: unknown) {
      if (method === "replay") return replays.shift()?.() ?? Promise.reject(new StoreTrouble("away", undefined, "away"));
      const rows = [...rowsOf(new TextDecoder().decode(argument as Uint8Array))];
      batches.push(rows.map((cells) => String(cells[0])));
      const answer = Promise.withResolvers<never>();
      answers.push(answer);
      return answer.promise;
    },
  };
  const reader = { ask: () => Promise.reject(new Error("not asked in these tests")) };
  const store = createRequestStore({ writer: writer as RequestStoreParts["writer"], reader: () => reader, journaled, bounds });
  const answer = (index: number, written: number, journaled = 0) => answers[index]?.resolve({ written, journaled } as never);
  return { store, batches, answer, answers, replays };
}

const LATER = 60_000;

describe("the queue of request rows", () => {
  test("sends a full batch at once and the rest on flush", async () => {
    const { store, batches, answer } = queueOver({ batch: 3, everyMs: LATER });
    for (let number = 0; number < 7; number++) store.append(record(number));
    expect(batches).toEqual([
      ["req_0", "req_1", "req_2"],
      ["req_3", "req_4", "req_5"],
    ]);
    const flushed = store.flush();
    expect(batches.at(-1)).toEqual(["req_6"]);
    for (const [index, count] of [3, 3, 1].entries()) answer(index, count);
    await flushed;
    expect(store.state()).toEqual({ waiting: 0, written: 7, dropped: 0, trouble: undefined });
  });

  test("drops rows past its bound, counts them, and takes rows again when there is room", async () => {
    const { store, batches, answer } = queueOver({ batch: 2, waiting: 4, everyMs: LATER });
    for (let number = 0; number < 10; number++) store.append(record(number));
    expect(store.state()).toMatchObject({ waiting: 4, written: 0, dropped: 6 });
    answer(0, 2);
    answer(1, 2);
    await store.flush();
    store.append(record(10));
    expect(store.state()).toMatchObject({ waiting: 1, written: 4, dropped: 6 });
    expect(batches.flat()).toEqual(["req_0", "req_1", "req_2", "req_3"]);
    const flushed = store.flush();
    answer(2, 1);
    await flushed;
  });

  test("counts a batch the disk refused, says why, and goes on", async () => {
    const { store, answers, answer } = queueOver({ batch: 2, everyMs: LATER });
    for (let number = 0; number < 4; number++) store.append(record(number));
    answers[0]?.reject(new StoreTrouble("database or disk is full"));
    answer(1, 2);
    await store.flush();
    expect(store.state()).toEqual({ waiting: 0, written: 2, dropped: 2, trouble: "database or disk is full" });
  });

  test("counts what waits in the journal as waiting, and takes it from there until it is empty", async () => {
    const { store, answer, replays } = queueOver({ batch: 3, everyMs: LATER, replayMs: 1 }, 4);
    for (let number = 0; number < 3; number++) store.append(record(number));
    answer(0, 0, 3);
    await store.flush();
    expect(store.state()).toEqual({ waiting: 7, written: 0, dropped: 0, trouble: undefined });
    const { promise: emptied, resolve } = Promise.withResolvers<void>();
    replays.push(
      () => Promise.reject(new StoreTrouble("still away", undefined, "away")),
      async () => ({ taken: 5, written: 4 }),
      async () => {
        resolve();
        return { taken: 2, written: 2 };
      },
    );
    await emptied;
    await Bun.sleep(1);
    expect(store.state()).toEqual({ waiting: 0, written: 6, dropped: 1, trouble: undefined });
    await store.close();
  });

  test("what no longer fits into the journal is counted as given up", async () => {
    const { store, answers } = queueOver({ batch: 2, everyMs: LATER });
    for (let number = 0; number < 2; number++) store.append(record(number));
    answers[0]?.reject(new StoreTrouble("away, and the journal is full", undefined, "away"));
    await store.flush();
    expect(store.state()).toEqual({ waiting: 0, written: 0, dropped: 2, trouble: "away, and the journal is full" });
  });
});
