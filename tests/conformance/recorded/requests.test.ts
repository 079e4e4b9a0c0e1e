import { describe, expect, test } from "bun:test";
import assert from "node:assert";
import { type JsonObject, objectOf } from "../../../src/vocabulary/json.ts";
import { type Recording, recordings } from "../../recordings/recordings.ts";
import { schemasAtHand } from "../../specs/vendors.ts";
import { CLIENTS, type Client } from "./clients.ts";
import { MADE } from "./made-answers.ts";
import { asked, TARGETS, translateAll } from "./requests.ts";

/** A refusal is a loss. What is refused are tools that a provider runs itself, and what a dialect has no place for. */
const LEAST: Readonly<Record<string, number>> = { chat_completions: 0.9, responses: 0.75, anthropic_messages: 0.75, gemini_generate: 0.7, ollama_chat: 0.9 };

/** What upstreams may refuse of Google's clients: what has no words but Google's, kinds of media, forced calls where none can be forced. */
const GOOGLES =
  /^(tools\[N\]\.(googleSearch|codeExecution|urlContext|fileSearch)|cachedContent|contents\[N\]\.parts\[N\](\.functionResponse\.parts\[N\])?|generationConfig\.responseModalities|toolConfig\.functionCallingConfig)$/;

/** Without tools of nobody's. */
const PLAIN = MADE.filter(({ request }) => objectOf(request.body)["tools"] === undefined);

describe.each(CLIENTS.map((client) => [client.api, client] as const))("recorded requests of %s are translated, or refused by name", (api, client) => {
  const all = asked(client, [...PLAIN, ...recordings()]);
  test.each(TARGETS.map((target) => [target.model, target] as const))("for %s", (_model, target) => {
    const { written, refused, mistakes } = translateAll(all, target, client);
    expect(mistakes).toEqual([]);
    if (api === "gemini_generate") expect([...refused.keys()].filter((reason) => !GOOGLES.test(reason.split(":")[0] ?? ""))).toEqual([]);
    expect(written / all.length).toBeGreaterThanOrEqual(LEAST[api] ?? 1);
    expect(written + [...refused.values()].reduce((sum, count) => sum + count, 0)).toBe(all.length);
  });
});

describe("the checks themselves bite", () => {
  const [target] = TARGETS;
  const [client] = CLIENTS;
  const [recording] = PLAIN.filter(({ api }) => api === client?.api);
  if (target === undefined || client === undefined || recording === undefined) throw new Error("nothing to check with");
  const asking = (body: JsonObject): Recording => ({ ...recording, request: { ...recording.request, body } });
  const messages = [{ role: "user", content: "hi" }];

  const bodies: [string, Recording, Client, number, RegExp] = [
    "on a body that no upstream takes",
    asking({ model: "m", messages, top_p: 7 }),
    client,
    1,
    /top_p/,
  ];

  test.each<[string, Recording, Client, number, RegExp]>([
    ...(schemasAtHand ? [bodies] : []),
    ["on a mistake of ours", recording, { ...client, face: { ...client.face, readCall: () => assert.fail("ours") } }, 0, /ours/],
    ["not on a refusal", asking({ model: "m", messages: 7 }), client, 0, /^$/],
  ])("%s", (_name, one, asker, count, says) => {
    const { written, mistakes } = translateAll([one], target, asker);
    expect(written).toBe(count);
    expect(mistakes.join()).toMatch(says);
  });
});
