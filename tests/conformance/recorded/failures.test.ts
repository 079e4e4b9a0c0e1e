import { afterAll, beforeAll, expect, test } from "bun:test";
import { objectOf, parseJson } from "../../../src/vocabulary/json.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";
import { responseBytes, type SyntheticError, syntheticErrors } from "../../recordings/recordings.ts";

/** Failures as the providers' documentation writes them, through the chat route: each becomes the one that its client can act on. */
let fake: FakeUpstream;
let box: TestBox;
const KINDS = ["openai", "vllm", "anthropic", "gemini", "ollama"];
beforeAll(async () => {
  fake = await startFakeUpstream();
  const chats = Object.fromEntries(KINDS.map((kind) => [kind, [{ kind, url: fake.url }]]));
  const responses = [{ kind: "openai", url: fake.url, profile: { dialect: "openai-responses" } }] as const;
  box = startBox({ models: { ...chats, responses }, policy: { attempts: 1 } });
});
afterAll(async () => {
  await box.stop();
  await fake.stop();
});

const hand = (id: string, provider: string, status: number, body: SyntheticError["response"]["body"], stream = false): SyntheticError => ({
  id,
  provider,
  stream,
  note: "",
  request: { method: "POST", path: "" },
  response: { status, headers: {}, body },
});
const HAND_MADE = [
  hand("made/anthropic/529-overloaded", "anthropic", 529, { type: "error", error: { type: "overloaded_error", message: "busy" } }),
  hand("made/openai/429-insufficient-quota", "openai", 429, { error: { message: "quota", type: "insufficient_quota", code: "insufficient_quota" } }),
  hand("made/ollama/500-runner", "ollama", 500, { error: "runner gone" }),
  hand(
    "made/vllm/stream-error-midway",
    "vllm",
    200,
    'data: {"id":"c","choices":[{"index":0,"delta":{"content":"Hel"}}]}\n\ndata: {"error":{"message":"broke","code":500}}\n\n',
    true,
  ),
];

/** Status and code for the client, by what the id says of the failure; the first that fits counts. */
const BECOMES: readonly [RegExp, number, string][] = [
  [/400-credit|401-|403-|insufficient-quota/, 502, "upstream_error"],
  [/400-context/, 400, "context_length_exceeded"],
  [/404-model/, 502, "upstream_error"],
  [/413-/, 413, "request_too_large"],
  [/422-/, 422, "invalid_request_error"],
  [/429-|stream-array-error/, 429, "rate_limit_exceeded"],
  [/503-|529-|overloaded-first/, 503, "overloaded"],
  [/504-/, 504, "upstream_timeout"],
  [/500-|502-|200-empty|midway|stream-failed/, 502, "upstream_error"],
];
const failures = [...HAND_MADE, ...syntheticErrors()];
const modelOf = ({ id, provider }: SyntheticError): string => (id.includes("/responses-") ? "responses" : provider);

async function play(failure: SyntheticError): Promise<{ status: number; text: string; record: { failure?: string; outcome: string } }> {
  const type =
    failure.response.headers["content-type"] ??
    (failure.stream ? (failure.provider === "ollama" ? "application/x-ndjson" : "text/event-stream") : "application/json");
  fake.play({ reply: { status: failure.response.status, headers: { "content-type": type }, body: responseBytes(failure.response) } });
  const before = box.records.length;
  const response = await box.post("/v1/chat/completions", { model: modelOf(failure), stream: failure.stream, messages: [{ role: "user", content: "hi" }] });
  return { status: response.status, text: await response.text(), record: await box.record(before) };
}

/** Did the model say something before it broke? Until then nothing has been sent, and the failure keeps its status. */
const spoke = ({ response }: SyntheticError): boolean => response.status === 200 && Buffer.from(responseBytes(response)).includes("Hel");

const early = failures.filter((failure) => !spoke(failure));
test.each(early.map((failure) => [failure.id, failure] as const))("%s", async (id, failure) => {
  const { status, text, record } = await play(failure);
  const becomes = BECOMES.find(([fits]) => fits.test(id));
  const error = objectOf(objectOf(parseJson(text))["error"]);
  // The upstream's own words about the request pass unreworded where the client speaks its dialect, so they need not have our code.
  const verbatim = text === Buffer.from(responseBytes(failure.response)).toString();
  expect(verbatim && status >= 500).toBe(false);
  expect([status, verbatim ? becomes?.[2] : error["code"]]).toEqual([becomes?.[1], becomes?.[2]]);
  expect(record.outcome).toBe("failed");
  expect(box.complaints).toEqual([]);
});

const late = failures.filter(spoke);
test.each(late.map((failure) => [failure.id, failure] as const))("%s: what was said stays said, then one error and the end mark", async (_id, failure) => {
  const { status, text, record } = await play(failure);
  const frames = text.split("\n\n").filter((frame) => frame !== "");
  expect([status, text.includes("Hel"), frames.at(-1)]).toEqual([200, true, "data: [DONE]"]);
  expect(Object.keys(objectOf(objectOf(parseJson(frames.at(-2)?.slice("data: ".length) ?? ""))["error"])).toSorted()).toEqual([
    "code",
    "message",
    "param",
    "type",
  ]);
  expect(text.match(/"error"/g)?.length).toBe(1);
  expect(record.outcome).toBe("failed");
});
