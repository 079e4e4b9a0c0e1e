import { expect, test } from "bun:test";
import type { Hint } from "../routing/health/hints.ts";
import { hintsOver } from "./hints.ts";

test("what one replica tells of a deployment the others hear; nonsense they do not", () => {
  let hear: (what: string) => void = () => {};
  const hints = hintsOver({ tell: (topic, what) => topic === "breaker" && hear(what), hear: (topic, listener) => topic === "breaker" && (hear = listener) });
  const heard: Hint[] = [];
  hints.heard((hint) => void heard.push(hint));
  const hint = { deployment: "openai/gpt-4o", until: 1_000_000, reason: "left alone after 5 failures" };
  hints.tell(hint);
  for (const nonsense of ["", "null", "[]", '{"deployment":"a"}', '{"deployment":"a","until":"soon","reason":""}']) hear(nonsense);
  expect(heard).toEqual([hint]);
});
