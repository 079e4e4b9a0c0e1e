import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { objectOf, parseJson } from "../../../src/vocabulary/json.ts";
import { type GatewayProcess, startGateway } from "../../harness/gateway.ts";

/** Two engines of one model, one for long prompts: who of them a prompt goes to, and where it goes when the estimate was wrong. */
const FAKE = [process.execPath, join(import.meta.dir, "..", "..", "fakes", "engine", "main.ts")];

let gateway: GatewayProcess;
beforeAll(async () => {
  const engine = (more: object) => ({ driver: "process", model: "org/tiny", command: FAKE, ...more });
  gateway = await startGateway({
    config: {
      models: { tiny: { deployments: [{ engine: "short" }, { engine: "long", priority: 1 }] } },
      fleet: {
        engines: {
          // It takes less than the config believes, as engines do whose tokenizer is not the one that was reckoned with.
          short: engine({ max_model_len: 400, args: ["--max-model-len", "30"] }),
          long: engine({ max_model_len: 4000 }),
        },
      },
    },
  });
});
afterAll(async () => {
  await gateway.end();
  await gateway.stop();
});

const headers = () => ({ authorization: `Bearer ${gateway.key}`, "content-type": "application/json" });
const ask = async (words: number) => {
  const body = JSON.stringify({ model: "tiny", max_tokens: 8, messages: [{ role: "user", content: "word ".repeat(words) }] });
  const reply = await fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", headers: headers(), body });
  const text = await reply.text();
  return { status: reply.status, deployment: reply.headers.get("x-signalbox-deployment"), attempts: reply.headers.get("x-signalbox-attempts"), text };
};

test.each([
  ["a short one is answered by the engine for short ones", 4, "short", "1"],
  ["one that turns out too long is put to the longer engine, once", 100, "long", "2"],
  ["one that is too long by all reckoning goes there at once", 1000, "long", "1"],
])("%s", async (_what, words, deployment, attempts) => {
  expect(await ask(words)).toMatchObject({ status: 200, deployment, attempts });
});

test("one that is too long for both is told so in OpenAI's words, and nobody is asked", async () => {
  const { status, text, attempts } = await ask(10_000);
  expect([status, attempts]).toEqual([400, "0"]);
  expect(objectOf(objectOf(parseJson(text))["error"])["code"]).toBe("context_length_exceeded");
});
