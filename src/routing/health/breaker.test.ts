import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Breaker, type BreakerSettings, type Circuit, type Pass } from "./breaker.ts";

const SETTINGS: BreakerSettings = { enabled: true, failures: 3, window: 60, open: 60 };

/**
 * What happens to a breaker, told in words: `12` is the time, `fail`, `ok` and `begin` are whole calls, `a` begins a call that goes on,
 * `a.fail`, `a.ok`, `a.answered` and `a.left` say how it goes on. A call that is not allowed is not made, unless it is forced: `a!`.
 */
function told(story: string, settings: BreakerSettings = SETTINGS): string[] {
  const breaker = new Breaker(() => settings);
  const passes = new Map<string, Pass>();
  const log: string[] = [];
  let now = 0;
  const enter = (forced: boolean): Pass | undefined => (forced || breaker.allows(now) ? breaker.enter(now) : undefined);
  const verdict = (pass: Pass, word: string) => {
    if (word === "ok") breaker.succeeded(pass);
    else if (word === "answered") breaker.answered(pass, now);
    else if (word === "left") breaker.left(pass);
    else breaker.failed(pass, { now, atOnce: word === "fatal", atLeast: Number(/^fail(\d+)$/.exec(word)?.[1] ?? 0) });
  };
  for (const word of story.split(" ")) {
    const [name = "", how] = word.split(".");
    if (/^\d+$/.test(word)) now = Number(word);
    else if (word === "reset") breaker.reset();
    else if (how !== undefined) verdict(passes.get(name) ?? 0, how);
    else if (/^(ok|fail\d*|fatal)$/.test(word)) {
      const pass = enter(false);
      if (pass === undefined) log.push("refused");
      else verdict(pass, word);
    } else {
      const pass = enter(word.endsWith("!"));
      if (pass === undefined) log.push("refused");
      else passes.set(name.replace("!", ""), pass);
    }
  }
  const circuit = breaker.circuit(now);
  return [...log, circuit === "open" ? `open until ${breaker.until}` : circuit];
}

describe("a breaker", () => {
  test.each<[string, string, string[]]>([
    ["opens after so many failures", "1 fail 2 fail 3 fail", ["open until 63"]],
    ["not before", "1 fail 2 fail", ["closed"]],
    ["not when there was a success between", "1 fail 2 fail ok 3 fail", ["closed"]],
    ["not when they are too far apart", "1 fail 2 fail 61 fail", ["closed"]],
    ["refuses while it is open", "fail fail fail 59 ok", ["refused", "open until 60"]],
    ["is half open when its time is over", "fail fail fail 60", ["half_open"]],
    ["lets one call try it, and closes when that succeeds", "fail fail fail 60 a b a.ok b", ["refused", "closed"]],
    ["opens again when it fails, twice as long", "fail fail fail 60 fail", ["open until 180"]],
    ["and so on, up to eight times", "fail fail fail 1000 fail 2000 fail 3000 fail 4000 fail", ["open until 4480"]],
    ["but not once a call has succeeded", "fail fail fail 60 fail 180 ok fail fail fail", ["open until 240"]],
    ["lets another try when nobody says how it went", "fail fail fail 60 a a.left b c", ["refused", "half_open"]],
    ["lets others in as soon as the one that tries is answered", "fail fail fail 60 a a.answered b", ["closed"]],
    ["opens again when that answer breaks off", "fail fail fail 60 a a.answered a.fail", ["open until 180"]],
    ["opens again when others fail instead", "fail fail fail 60 a a.answered b b.fail", ["open until 180"]],
    ["forgets all when that answer is whole", "fail fail fail 60 a a.answered a.ok fail fail", ["closed"]],
    ["is closed when it is told to be", "fail fail fail reset", ["closed"]],
    ["with all forgotten", "fail fail fail 60 fail reset fail fail", ["closed"]],
    ["how long it was open, too", "fail fail fail 60 fail 200 reset fail fail fail", ["open until 260"]],
    ["whoever tried it then is one like others", "fail fail fail 60 a reset a.fail b c", ["closed"]],
    ["opens at once when it is told to", "fatal", ["open until 60"]],
    ["stays open for as long as the upstream says", "fail fail fail300", ["open until 300"]],
    ["not shorter than for itself", "fail fail fail10", ["open until 60"]],
    ["hears of a longer rest while it is open", "a! fail fail fail b! 30 b.fail100", ["open until 130"]],
    ["not of a shorter one", "fail fail fail300 b! 30 b.fail5", ["open until 300"]],
    ["is not kept open by calls that began before", "a b c a.fail b.fail c.fail 59", ["open until 60"]],
    ["nor opened anew", "x a a.fail fail fail 60 ok x.fail x.fail x.fail", ["closed"]],
    ["nor closed", "x fail fail fail 5 x.answered x.ok", ["open until 60"]],
    ["is closed by a forced call that succeeds", "fail fail fail 5 a! a.ok", ["closed"]],
    ["is not kept open by forced calls that fail", "fail fail fail 5 a! b! a.fail b.fail c! 60 c.fail", ["half_open"]],
    ["lets only one try however many are forced", "fail fail fail 60 a! b! b.left c", ["refused", "half_open"]],
  ])("%s", (_name, story, end) => {
    expect(told(story)).toEqual(end);
  });

  test.each<[string, Partial<BreakerSettings>, string, string]>([
    ["that opens at the first failure", { failures: 1 }, "fail", "open until 60"],
    ["that is switched off", { enabled: false }, "fail fail fail fatal", "closed"],
  ])("%s", (_name, settings, story, end) => {
    expect(told(story, { ...SETTINGS, ...settings })).toEqual([end]);
  });

  test("that is switched off while it is open, lets through, and is where it was when it is switched on again", () => {
    let settings = SETTINGS;
    const breaker = new Breaker(() => settings);
    breaker.failed(breaker.enter(0), { now: 0, atOnce: true });
    settings = { ...SETTINGS, enabled: false };
    expect([breaker.circuit(1), breaker.allows(1)]).toEqual(["closed", true]);
    settings = SETTINGS;
    expect([breaker.circuit(1), breaker.circuit(60)]).toEqual(["open", "half_open"]);
  });
});

type Step =
  | { readonly type: "begin"; readonly forced: boolean }
  | { readonly type: "answered" | "succeeded" | "left"; readonly pick: number }
  | { readonly type: "failed"; readonly pick: number; readonly atOnce: boolean; readonly atLeast: number }
  | { readonly type: "reset" }
  | { readonly type: "time"; readonly by: number };

const pick = fc.nat();
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant("begin"), forced: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom("answered", "succeeded", "left"), pick }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("failed"), pick, atOnce: fc.boolean(), atLeast: fc.constantFrom(0, 0, 0, 30, 700) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("reset") }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("time"), by: fc.constantFrom(1, 10, 60, 500) }) },
);

/** From where to where what may lead. */
const TRANSITIONS: Readonly<Record<`${Circuit} ${Circuit}`, readonly Step["type"][]>> = {
  "closed closed": ["begin", "answered", "succeeded", "left", "failed", "reset", "time"],
  "closed open": ["failed"],
  "closed half_open": [],
  "open open": ["begin", "answered", "succeeded", "left", "failed", "time"],
  "open half_open": ["time"],
  "open closed": ["answered", "succeeded", "reset"],
  "half_open half_open": ["begin", "answered", "succeeded", "left", "failed", "time"],
  "half_open open": ["failed"],
  "half_open closed": ["answered", "succeeded", "reset"],
};

test("whatever happens, only these transitions, one at most that tries, and never open beyond its deadline", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 120 }), (steps) => {
      const breaker = new Breaker(() => SETTINGS);
      const calls: Pass[] = [];
      let [now, deadline, openings] = [0, 0, 0];
      let circuit: Circuit = "closed";
      for (const each of steps) {
        const at = "pick" in each ? each.pick % Math.max(1, calls.length) : 0;
        const call = calls[at];
        switch (each.type) {
          case "begin": {
            const allowed = breaker.allows(now);
            if (circuit === "open") expect(allowed).toBe(false);
            if (allowed || each.forced) calls.push(breaker.enter(now));
            break;
          }
          case "answered":
            if (call !== undefined) breaker.answered(call, now);
            break;
          case "succeeded":
          case "left":
          case "failed":
            calls.splice(at, 1);
            if (call === undefined) break;
            if (each.type === "succeeded") breaker.succeeded(call);
            if (each.type === "failed") {
              const opened = breaker.failed(call, { now, atOnce: each.atOnce, atLeast: each.atLeast });
              expect(opened).toBe(circuit !== "open" && breaker.circuit(now) === "open");
              if (opened) openings++;
              deadline = Math.max(deadline, now + Math.max(opened ? SETTINGS.open * 8 : 0, each.atLeast));
            }
            // As every call ends: after its verdict it leaves.
            breaker.left(call);
            break;
          case "reset":
            breaker.reset();
            break;
          case "time":
            now += each.by;
            break;
          default:
            each satisfies never;
        }
        const next = breaker.circuit(now);
        expect(TRANSITIONS[`${circuit} ${next}`]).toContain(each.type);
        circuit = next;
        if (circuit === "open") expect(breaker.until).toBeLessThanOrEqual(deadline);
        const trying = calls.filter((pass) => pass === openings * 2 + 1).length;
        expect(trying).toBeLessThanOrEqual(1);
        if (circuit === "half_open") expect(breaker.allows(now)).toBe(trying === 0);
      }
    }),
    { numRuns: 1000 },
  );
});
