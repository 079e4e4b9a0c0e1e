import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { objectOf } from "../../../src/vocabulary/json.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";

let fake: FakeUpstream;
let box: TestBox;
beforeAll(async () => {
  fake = await startFakeUpstream();
  const claude = { kind: "anthropic", url: fake.url };
  box = startBox({ models: { marked: [{ ...claude, profile: { promptCache: true } }], plain: [claude] } });
});
afterAll(async () => {
  await box.stop();
  await fake.stop();
});

const LONG = "Be brief. ".repeat(1000);
const MARK = { type: "ephemeral" };
async function sent(path: string, body: object) {
  fake.forget();
  await (await box.post(path, body)).text();
  return objectOf(fake.seen[0]?.json);
}

describe("marks for Claude's prompt cache", () => {
  test.each<[string, string, object]>([
    ["its own clients", "/v1/messages", { max_tokens: 9, system: LONG, messages: [{ role: "user", content: "hi" }] }],
    [
      "clients of OpenAI's",
      "/v1/chat/completions",
      {
        messages: [
          { role: "system", content: LONG },
          { role: "user", content: "hi" },
        ],
      },
    ],
    ["counts", "/v1/messages/count_tokens", { system: LONG, messages: [{ role: "user", content: "hi" }] }],
  ])("are put where %s put none, if the operator wants them", async (_name, path, body) => {
    expect(await sent(path, { model: "marked", ...body })).toMatchObject({ cache_control: MARK, system: [{ type: "text", text: LONG, cache_control: MARK }] });
    expect(await sent(path, { model: "plain", ...body })).toMatchObject({ system: LONG });
  });
});
