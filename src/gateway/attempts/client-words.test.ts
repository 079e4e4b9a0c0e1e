import { expect, test } from "bun:test";
import { Failure, invalidRequest } from "../../vocabulary/failure.ts";
import { inClientWords } from "./client-words.ts";

const PLACES = { list: "input", parts: ["instructions", "input[0].content", "input[3].output", "input"] };

test.each([
  ["messages[1].content[2]", "input[0].content[2]"],
  ["messages[2].content[0]", "input[3].output[0]"],
  ["messages[2]", "input[3]"],
  ["messages[3].content", "input"],
  ["messages", "input"],
  ["tools[0].name", "tools[0].name"],
  ["messages_of_mine", "messages_of_mine"],
])("%s is %s to the client, in path and sentence", (ours, theirs) => {
  const failure = inClientWords(invalidRequest(ours, `${ours} holds messages[1].`), PLACES);
  if (!(failure instanceof Failure)) throw new Error("no failure");
  expect([failure.kind, failure.facts.param, failure.message]).toEqual(["invalid-request", theirs, `${theirs} holds messages[1].`]);
});

test("what is no path, no failure, or of a client that has messages stays as it is", () => {
  const failure = invalidRequest("messages[1]", "messages[1] is wrong.");
  const broken = new Failure("upstream-error", "messages[1] broke.");
  expect(inClientWords(failure, undefined)).toBe(failure);
  expect(inClientWords(broken, PLACES)).toBe(broken);
  expect(inClientWords(5, PLACES)).toBe(5);
});
