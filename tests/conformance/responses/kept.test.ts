import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { type JsonObject, listOf, objectOf, parseJson, stringOf } from "../../../src/vocabulary/json.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";
import { openResponses } from "../../harness/kept.ts";

/** Responses that are kept, and gone on from, over a real store. */
let fake: FakeUpstream;
let kept: Awaited<ReturnType<typeof openResponses>>;
let ann: TestBox;
let bob: TestBox;
const MODELS = {
  claude: [{ kind: "anthropic", model: "claude-sonnet-4-5" }],
  gpt: [{ kind: "openai", model: "gpt-4o" }],
  both: [
    { kind: "openai", model: "gpt-4o" },
    { kind: "anthropic", model: "claude-sonnet-4-5" },
  ],
};
beforeAll(async () => {
  fake = await startFakeUpstream();
  kept = await openResponses();
  const models = Object.fromEntries(Object.entries(MODELS).map(([name, all]) => [name, all.map((one) => ({ ...one, url: fake.url }))]));
  ann = startBox({ models, caller: { userId: "ann" }, responses: kept.memory, policy: { attempts: 2 } });
  bob = startBox({ models, caller: { userId: "bob" }, responses: kept.memory });
});
afterAll(async () => {
  await Promise.all([ann.stop(), bob.stop()]);
  await kept.close();
  await fake.stop();
});
beforeEach(() => fake.forget());

const says = (text: string) => fake.play({ answer: { text } });
/** Asks, and gives the Response object, from the end of the stream if it is one. */
async function ask(body: JsonObject, box = ann): Promise<{ status: number; response: JsonObject }> {
  const answer = await box.post("/v1/responses", body);
  const text = await answer.text();
  const last = text.split("\n\n").findLast((frame) => frame.startsWith("event: response."));
  const json =
    body["stream"] === true && answer.status === 200 ? objectOf(parseJson(/^data: (.*)$/m.exec(last ?? "")?.[1] ?? ""))["response"] : parseJson(text);
  return { status: answer.status, response: objectOf(json) };
}
async function get(path: string, box = ann, method = "GET"): Promise<{ status: number; json: JsonObject }> {
  const answer = await fetch(`${box.url}/v1/responses/${path}`, { method, headers: { authorization: "Bearer sb-test" } });
  return { status: answer.status, json: objectOf(await answer.json()) };
}
const idOf = (response: JsonObject) => stringOf(response["id"]) ?? "";
const codeOf = (json: JsonObject) => [objectOf(json["error"])["code"], objectOf(json["error"])["param"]];

describe.each([
  ["claude", false],
  ["claude", true],
  ["gpt", false],
  ["gpt", true],
])("an answer of %s, streamed: %p", (model, stream) => {
  const BODY = { model, input: "the first question", stream };

  test("is kept as it was, for whom it was made, until it is deleted", async () => {
    says("the first answer");
    const { response } = await ask(BODY);
    expect(await get(idOf(response))).toEqual({ status: 200, json: response });
    expect((await get(idOf(response), bob)).status).toBe(404);
    expect((await get(idOf(response), bob, "DELETE")).status).toBe(404);
    expect(await get(idOf(response), ann, "DELETE")).toEqual({ status: 200, json: { id: idOf(response), object: "response", deleted: true } });
    expect((await get(idOf(response))).status).toBe(404);
  });

  test("is not kept when the client says so, nor when it failed", async () => {
    says("nobody remembers");
    const { response } = await ask({ ...BODY, store: false });
    expect((await get(idOf(response))).status).toBe(404);
    if (!stream) return;
    fake.play({ answer: { text: "one two three four five six seven eight nine ten" }, cut: { afterFrames: 9 } });
    const failed = await ask(BODY);
    expect((await get(idOf(failed.response) || "resp_none")).status).toBe(404);
  });

  test("lists what it was asked, over all it goes on from", async () => {
    says("one");
    const first = await ask(BODY);
    says("two");
    const second = await ask({ ...BODY, input: [{ role: "user", content: "the second question" }], previous_response_id: idOf(first.response) });
    const { json } = await get(`${idOf(second.response)}/input_items`);
    expect(listOf(json["data"]).map((item) => JSON.stringify(objectOf(item)["content"]))).toEqual([
      '"the second question"',
      JSON.stringify(objectOf(listOf(first.response["output"])[0])["content"]),
      '[{"type":"input_text","text":"the first question"}]',
    ]);
    expect(json["has_more"]).toBe(false);
  });
});

describe("going on from an answer", () => {
  test("puts the conversation before the new input, over any number of turns", async () => {
    const ids: string[] = [];
    for (const turn of ["first", "second", "third"]) {
      says(`${turn} answer`);
      const { response } = await ask({ model: "claude", input: `${turn} question`, ...(ids.length === 0 ? {} : { previous_response_id: ids.at(-1) }) });
      expect(response["previous_response_id"]).toBe(ids.at(-1) ?? null);
      ids.push(idOf(response));
    }
    expect(objectOf(fake.seen[2]?.json)["messages"]).toEqual([
      { role: "user", content: "first question" },
      { role: "assistant", content: "first answer" },
      { role: "user", content: "second question" },
      { role: "assistant", content: "second answer" },
      { role: "user", content: "third question" },
    ]);
  });

  test("takes instructions from the new request only, as OpenAI does", async () => {
    says("ok");
    const { response } = await ask({ model: "claude", input: "a", instructions: "OLD" });
    await ask({ model: "claude", input: "b", instructions: "NEW", previous_response_id: idOf(response) });
    expect(fake.seen[1]?.text).toContain("NEW");
    expect(fake.seen[1]?.text).not.toContain("OLD");
  });

  test("with a tool's result", async () => {
    const tools = [{ type: "function", name: "get_time", parameters: { type: "object", properties: {} } }];
    fake.play([{ answer: { toolCalls: [{ name: "get_time", arguments: {} }] } }, { answer: { text: "noon" } }]);
    const { response } = await ask({ model: "claude", input: "what time is it", tools });
    const call = objectOf(listOf(response["output"])[0]);
    const result = { type: "function_call_output", call_id: call["call_id"], output: "12:00" };
    expect((await ask({ model: "claude", input: [result], tools, previous_response_id: idOf(response) })).status).toBe(200);
    expect(fake.seen[1]?.text).toContain('"tool_result"');
    expect(fake.seen[1]?.text).toContain("what time is it");
  });

  test.each(["resp_nobody_knows", "someone else's"])("of %s is refused by name", async (which) => {
    says("ok");
    const theirs = which === "resp_nobody_knows" ? which : idOf((await ask({ model: "claude", input: "a" }, bob)).response);
    const { status, response } = await ask({ model: "claude", input: "b", previous_response_id: theirs });
    expect([status, ...codeOf(response)]).toEqual([400, "previous_response_not_found", "previous_response_id"]);
  });

  test("after a part was deleted is refused, for it would be another conversation", async () => {
    says("ok");
    const first = await ask({ model: "claude", input: "a" });
    const second = await ask({ model: "claude", input: "b", previous_response_id: idOf(first.response) });
    await get(idOf(first.response), ann, "DELETE");
    expect((await ask({ model: "claude", input: "c", previous_response_id: idOf(second.response) })).status).toBe(400);
  });
});

test("a conversation may grow as large as a request may be, and no larger", async () => {
  says("ok");
  const long = "word ".repeat(12_000);
  const first = await ask({ model: "claude", input: long });
  const second = await ask({ model: "claude", input: long, previous_response_id: idOf(first.response) });
  expect([first.status, second.status]).toEqual([200, 200]);
  const third = await ask({ model: "claude", input: "more", previous_response_id: idOf(second.response) });
  expect([third.status, ...codeOf(third.response)]).toEqual([413, "request_too_large", null]);
  expect((await get(`${idOf(second.response)}/input_items`)).status).toBe(413);
});

describe("items by reference", () => {
  test("are put in their places", async () => {
    says("the blue one");
    const { response } = await ask({ model: "claude", input: "which one" });
    const id = objectOf(listOf(response["output"])[0])["id"];
    await ask({
      model: "claude",
      input: [
        { role: "user", content: "which one" },
        { type: "item_reference", id },
        { role: "user", content: "why" },
      ],
    });
    expect(objectOf(fake.seen[1]?.json)["messages"]).toEqual([
      { role: "user", content: "which one" },
      { role: "assistant", content: "the blue one" },
      { role: "user", content: "why" },
    ]);
  });

  test("are a thousand at most", async () => {
    const input = Array.from({ length: 1001 }, (_, index) => ({ type: "item_reference", id: `msg_${index}` }));
    expect((await ask({ model: "claude", input })).status).toBe(400);
  });

  test("that nobody knows are refused by name", async () => {
    const { status, response } = await ask({ model: "claude", input: [{ type: "item_reference", id: "msg_none" }] });
    expect([status, ...codeOf(response)]).toEqual([400, "invalid_request_error", "input[0]"]);
  });
});

describe("where the provider keeps it too", () => {
  test("it gets what goes on from it as the client sent it", async () => {
    says("ok");
    const { response } = await ask({ model: "gpt", input: "a" });
    const body = JSON.stringify({ input: "b", temperature: 1.0, previous_response_id: idOf(response), model: "gpt" });
    await (await ann.post("/v1/responses", body)).text();
    expect(fake.seen[1]?.text).toBe(body.replace('"gpt"', '"gpt-4o"'));
  });

  test("another gets the whole conversation, when that one fails", async () => {
    says("ok");
    const { response } = await ask({ model: "gpt", input: "the beginning" });
    fake.play([{ reply: { status: 500 } }, { answer: { text: "taken over" } }]);
    const next = await ask({ model: "both", input: "the end", previous_response_id: idOf(response) });
    expect(next.status).toBe(200);
    const [first, second] = fake.seen.slice(1);
    expect(first?.path).toBe("/v1/responses");
    expect(second?.path).toBe("/v1/messages");
    expect(second?.text).toContain("the beginning");
  });

  test("it is told to forget", async () => {
    says("ok");
    const { response } = await ask({ model: "gpt", input: "a" });
    fake.play({ reply: { status: 200, body: { deleted: true } } });
    await get(idOf(response), ann, "DELETE");
    expect(fake.seen.slice(1).map(({ method, path }) => [method, path])).toEqual([["DELETE", `/v1/responses/${idOf(response)}`]]);
    expect(fake.seen[1]?.headers["authorization"]).toBe("Bearer upstream-key");
  });

  test("it is not asked about what is another's", async () => {
    says("ok");
    const { response } = await ask({ model: "gpt", input: "a" }, bob);
    const refused = await ask({ model: "gpt", input: "b", previous_response_id: idOf(response) });
    expect([refused.status, ...codeOf(refused.response)]).toEqual([400, "previous_response_not_found", "previous_response_id"]);
    const id = objectOf(listOf(response["output"])[0])["id"];
    expect((await ask({ model: "gpt", input: [{ type: "item_reference", id }] })).status).toBe(400);
    expect(fake.seen.length).toBe(1);
    // The fake counts its answers anew for every test: the next one has this id.
    await get(idOf(response), bob, "DELETE");
  });

  test("what nobody here knows is its to know", async () => {
    says("ok");
    const { status } = await ask({ model: "gpt", input: "a", previous_response_id: "resp_before_us" });
    expect([status, fake.seen[0]?.text.includes("resp_before_us")]).toEqual([200, true]);
  });
});

test("where nothing is kept, an answer says so, and is not found", async () => {
  const box = startBox({ models: { claude: [{ kind: "anthropic", model: "claude-sonnet-4-5", url: fake.url }] } });
  says("ok");
  const { response } = await ask({ model: "claude", input: "a", store: true }, box);
  expect(response["store"]).toBe(false);
  expect((await get(idOf(response), box)).status).toBe(404);
  await box.stop();
});

test("a stream cut anywhere is kept whole", async () => {
  for (const chunks of [1, 7, "whole"] as const) {
    fake.play({ answer: { text: "cut to pieces, Zoë" }, chunks });
    const { response } = await ask({ model: "gpt", input: "a", stream: true });
    expect((await get(idOf(response))).json).toEqual(response);
  }
});
