import OpenAI, { toFile } from "openai";
import { type JsonObject, objectOf } from "../../../src/vocabulary/json.ts";
import type { FakeUpstream } from "../../fakes/upstream/server.ts";
import type { GatewayProcess } from "../../harness/gateway.ts";

/** Who makes batches, with OpenAI's own library as it comes. */
export const clientOf = ({ url }: GatewayProcess, apiKey: string): OpenAI => new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });

/** What is billed for an answer: its tokens at two dollars for a million, and half of it in a batch. Nano-dollars. */
export const ANSWER = { text: "done", usage: { input: 10, output: 100 } };
export const PER_LINE = 100_000n;

export const configOf = (upstream: FakeUpstream, more: object = {}) => ({
  providers: { up: { kind: "openai-compatible", base_url: `${upstream.url}/v1`, api_key: "none" } },
  models: { m: { deployments: [{ provider: "up", model: "m" }], price: { input: 0, output: 2, batch: 0.5 } } },
  routing: { health_check: { mode: "off" } },
  billing: { enabled: true },
  ...more,
});

/** A line that asks for a chat, its words its own name. */
export const chatLine = (customId: string, more: JsonObject = {}): JsonObject => ({
  custom_id: customId,
  method: "POST",
  url: "/v1/chat/completions",
  body: { model: "m", max_tokens: 100, messages: [{ role: "user", content: customId }], ...more },
});

/** Uploads these lines and makes a batch of them. */
export async function batchOf(client: OpenAI, lines: readonly JsonObject[], wish: Partial<OpenAI.BatchCreateParams> = {}): Promise<OpenAI.Batch> {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  const file = await client.files.create({ file: await toFile(Buffer.from(text), "lines.jsonl"), purpose: "batch" });
  return client.batches.create({ input_file_id: file.id, endpoint: "/v1/chat/completions", completion_window: "24h", ...wish });
}

const OVER: readonly string[] = ["completed", "failed", "expired", "cancelled"];

/** The batch once it is over. Throws when that takes too long. */
export async function ended(client: OpenAI, id: string, patience = 60_000): Promise<OpenAI.Batch> {
  for (let waited = 0; waited < patience; waited += 50) {
    const batch = await client.batches.retrieve(id);
    if (OVER.includes(batch.status)) return batch;
    await Bun.sleep(50);
  }
  throw new Error(`The batch is not over: ${JSON.stringify(await client.batches.retrieve(id))}`);
}

/** The lines of a file of results; none where there is no file. */
export async function linesOf(client: OpenAI, file: string | null | undefined): Promise<JsonObject[]> {
  if (file === null || file === undefined) return [];
  const text = await (await client.files.content(file)).text();
  return text
    .trimEnd()
    .split("\n")
    .map((line) => objectOf(JSON.parse(line)));
}
