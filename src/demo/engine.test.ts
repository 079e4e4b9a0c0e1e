import { expect, test } from "bun:test";
import { simulatedEngine } from "./engine.ts";

test.each([
  ["chat", "/v1/chat/completions", { messages: [{ role: "user", content: "hi" }], max_tokens: 1 }],
  ["embed", "/v1/embeddings", { input: "hi" }],
  ["rerank", "/v1/rerank", { query: "hi", documents: ["hello"] }],
] as const)("an engine for %s does its task under all its names, once it has loaded", async (task, path, body) => {
  let loaded = false;
  const engine = simulatedEngine({ names: ["tiny", "signalbox-a-1"], task, loaded: () => loaded });
  const health = async () => (await engine(new Request("http://engine/health"))).status;
  const ask = (model: string) => engine(new Request(`http://engine${path}`, { method: "POST", body: JSON.stringify({ ...body, model }) }));
  expect([await health(), (await ask("tiny")).status]).toEqual([503, 503]);
  loaded = true;
  const { data } = (await (await engine(new Request("http://engine/v1/models"))).json()) as { data: { id: string }[] };
  expect([await health(), data.map(({ id }) => id)]).toEqual([200, ["tiny", "signalbox-a-1"]]);
  expect([(await ask("tiny")).status, (await ask("signalbox-a-1")).status, (await ask("other")).status]).toEqual([200, 200, 404]);
});
