import { describe, expect, test } from "bun:test";
import type { JsonObject } from "../../src/vocabulary/json.ts";
import { type Recording, recordings } from "../recordings/recordings.ts";
import { ASKED, isAsked, TARGETS, translateAll } from "./recorded/requests.ts";

/**
 * Recorded requests of every API, as we would send them elsewhere: each is what the upstream's own vendor says a request is, or it is refused by
 * name. `npm run campaign -- recordings` writes all of them; so does `ALL=1 bun test …`.
 */
const made = (api: string, body: JsonObject): Recording => ({
  id: `made/${api}`,
  core: true,
  provider: "made",
  api,
  model: "m",
  fidelity: "wire",
  stream: false,
  features: [],
  finish: [],
  usage: null,
  request: { method: "POST", path: "", headers: {}, body },
  response: { status: 200, headers: {}, body: {} },
});

const SAYS = { role: "user", content: "hi" };
const PARAMETERS = { type: "object", properties: { zone: { type: "string" } }, required: ["zone"] };
const NOW = { name: "now", description: "The time.", parameters: PARAMETERS };
const HAND_MADE: readonly Recording[] = [
  made("chat_completions", { model: "m", messages: [SAYS], tools: [{ type: "function", function: NOW }], max_tokens: 9, temperature: 0.5 }),
  made("responses", { model: "m", input: [SAYS], tools: [{ type: "function", ...NOW, strict: false }], max_output_tokens: 20, temperature: 0.5 }),
  made("anthropic_messages", { model: "m", max_tokens: 9, messages: [SAYS], tools: [{ name: "now", input_schema: PARAMETERS }], top_k: 5 }),
  made("gemini_generate", { contents: [{ role: "user", parts: [{ text: "hi" }] }], generationConfig: { topK: 5, maxOutputTokens: 9 } }),
  made("ollama_chat", { model: "m", messages: [SAYS], tools: [{ type: "function", function: NOW }], options: { num_predict: 9 } }),
];
const asked = [...HAND_MADE, ...recordings().filter(isAsked)].filter(({ core }) => core || process.env["ALL"] === "1");

describe.each(Object.keys(ASKED))("recorded requests of %s", (api) => {
  const own = asked.filter((recording) => recording.api === api);

  test.each(TARGETS.map((target) => [target.kind, target.model, target.dialect, target] as const))("for %s's %s, as %s", (_kind, _model, _dialect, target) => {
    const { written, refused, mistakes } = translateAll(own, target);
    expect(mistakes).toEqual([]);
    expect(written / own.length).toBeGreaterThanOrEqual(ASKED[api]?.written ?? 1);
    expect(written + [...refused.values()].reduce((sum, count) => sum + count, 0)).toBe(own.length);
  });
});

describe("the checks themselves bite", () => {
  const [target] = TARGETS;
  test.each<[string, Recording, RegExp]>([
    ["on a refusal that is a mistake of ours", { ...made("responses", {}), api: "unheard_of" }, /nobody reads unheard_of/],
    ["on a body that cannot be read", made("chat_completions", { model: "m", messages: 7 }), /^$/],
  ])("%s", (_name, recording, says) => {
    if (target === undefined) throw new Error("no target");
    const { written, mistakes } = translateAll([recording], target);
    expect([written, mistakes.join()]).toEqual([0, expect.stringMatching(says) as unknown as string]);
  });
});
