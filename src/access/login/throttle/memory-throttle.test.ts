import { expect, test } from "bun:test";
import fc from "fast-check";
import { handTurned } from "../../../vocabulary/clock.fixture.ts";
import { Failure } from "../../../vocabulary/failure.ts";
import { createThrottle } from "./memory-throttle.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** A throttle with a clock to turn; `wait` is how many seconds somebody is told to wait, 0 when they may try. */
function throttled() {
  const { clock, turnTo } = handTurned();
  const throttle = createThrottle(clock);
  const wait = (address: string, account: string): number => {
    try {
      throttle.attempt(address, account);
      return 0;
    } catch (error) {
      if (!(error instanceof Failure) || error.kind !== "rate-limited") throw error;
      return error.facts.retryAfter ?? Number.NaN;
    }
  };
  const times = (count: number, address: (index: number) => string, account: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => wait(address(index), account(index)));
  return { throttle, wait, times, turnTo };
}
const always = (text: string) => () => text;
const each = (text: string) => (index: number) => `${text}${index}`;

test("five tries from one address at one account, then waits that grow to a quarter of an hour", () => {
  const { wait, times, turnTo } = throttled();
  expect(times(6, always("a"), always("ann"))).toEqual([0, 0, 0, 0, 0, 60]);
  const waits: number[] = [];
  let now = 0;
  for (let round = 0; round < 7; round++) {
    const seconds = wait("a", "ann");
    waits.push(seconds);
    turnTo(now + seconds * SECOND - 1);
    expect(wait("a", "ann")).toBe(1);
    now += seconds * SECOND;
    turnTo(now);
    expect(wait("a", "ann")).toBe(0);
  }
  expect(waits).toEqual([60, 120, 240, 480, 900, 900, 900]);
});

test("whoever keeps asking while they must wait does not wait longer for it", () => {
  const { wait, times, turnTo } = throttled();
  times(50, always("a"), always("ann"));
  turnTo(MINUTE);
  expect(wait("a", "ann")).toBe(0);
});

test("twenty tries from one address at any accounts", () => {
  const { wait, times } = throttled();
  expect(times(21, always("a"), each("user"))).toEqual([...Array(20).fill(0), 60]);
  expect(wait("b", "user0")).toBe(0);
});

test("twenty tries at one account from anywhere, then one a minute: nobody can lock somebody out for long", () => {
  const { wait, times, turnTo } = throttled();
  expect(times(21, each("a"), always("ann"))).toEqual([...Array(20).fill(0), 60]);
  for (let minute = 1; minute < 100; minute++) {
    turnTo(minute * MINUTE);
    expect([wait(`b${minute}`, "ann"), wait(`c${minute}`, "ann")]).toEqual([0, 60]);
  }
});

test("whoever logged in from there before is not kept waiting by strangers", () => {
  const { throttle, wait, times } = throttled();
  throttle.attempt("home", "ann").succeeded();
  times(21, each("a"), always("ann"));
  expect([wait("home", "ann"), wait("elsewhere", "ann")]).toEqual([0, 60]);
  expect(times(6, always("home"), always("ann")).at(-1)).toBe(60);
});

test("right passwords count for nothing, and end what was counted", () => {
  const { throttle, wait } = throttled();
  for (let login = 0; login < 100; login++) throttle.attempt("a", "ann").succeeded();
  for (let round = 0; round < 3; round++) {
    for (let wrong = 0; wrong < 4; wrong++) expect(wait("a", "ann")).toBe(0);
    throttle.attempt("a", "ann").succeeded();
  }
});

test("after half an hour without a try all is forgotten", () => {
  const { times, turnTo } = throttled();
  times(6, always("a"), always("ann"));
  turnTo(30 * MINUTE);
  expect(times(6, always("a"), always("ann"))).toEqual([0, 0, 0, 0, 0, 60]);
});

test("however tries are spread over time, no more than five and one for each minute get through", () => {
  const steps = fc.array(fc.integer({ min: 0, max: 90 * SECOND }), { maxLength: 200 });
  fc.assert(
    fc.property(steps, (pauses) => {
      const { wait, turnTo } = throttled();
      const through: number[] = [];
      let now = 0;
      for (const pause of pauses) {
        now += pause;
        turnTo(now);
        if (wait("a", "ann") === 0) through.push(now);
      }
      // Any minute holds the free ones and the first that had to wait, at the most.
      for (const start of through) expect(through.filter((at) => at >= start && at < start + MINUTE).length).toBeLessThanOrEqual(6);
    }),
  );
});
