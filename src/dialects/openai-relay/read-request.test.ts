import { expect, test } from "bun:test";
import { Failure } from "../../vocabulary/failure.ts";
import { charactersToSpeak, formAsksForEvents, readRelayRequest } from "./read-request.ts";

const TABLE: readonly [text: string, says: { model: string; stream: boolean } | string][] = [
  ['{"model":"m","input":"a"}', { model: "m", stream: false }],
  ['{"input":"a"}', { model: "", stream: false }],
  ['{"model":null,"stream":null}', { model: "", stream: false }],
  ['{"model":"m","stream":true}', { model: "m", stream: true }],
  ['{"model":"m","stream_format":"sse"}', { model: "m", stream: true }],
  ['{"model":"m","stream_format":"audio","response_format":"mp3"}', { model: "m", stream: false }],
  ['{"model":"a","model":"b"}', { model: "b", stream: false }],
  ['{"model":["m"]}', "model: model must be a string."],
  ["[]", ": The request body must be a JSON object."],
  ["", ": The request body is not valid JSON: it is empty. Send a JSON object with content-type application/json."],
];

test.each(TABLE)("%s", (text, says) => {
  if (typeof says !== "string") {
    expect(readRelayRequest(text)).toMatchObject({ ...says, text });
    return;
  }
  const failure = (() => {
    try {
      return readRelayRequest(text);
    } catch (thrown) {
      return thrown;
    }
  })();
  expect(failure instanceof Failure && `${failure.facts.param}: ${failure.message}`).toBe(says);
});

test.each<[string | undefined, boolean]>([
  [undefined, false],
  ["", false],
  ["false", false],
  ["0", false],
  ["true", true],
  ["True", true],
  ["1", true],
  ["yes", true],
])("a form's stream of %p asks for events: %p", (value, asks) => {
  expect(formAsksForEvents(value)).toBe(asks);
});

test.each<[string, number]>([
  ['{"input":"née"}', 3],
  ['{"input":"👩‍👧"}', 3],
  ['{"input":""}', 0],
  ['{"input":["a"]}', 0],
  ["{}", 0],
])("%s is so many characters to speak: %p", (text, count) => {
  expect(charactersToSpeak(readRelayRequest(text))).toBe(count);
});
