import { type JsonObject, objectOf, stringOf } from "../../../src/vocabulary/json.ts";
import type { FakeUpstream } from "../../fakes/upstream/server.ts";
import type { GatewayProcess } from "../../harness/gateway.ts";

/** What every answer costs: the prompt nothing, and so many tokens at two dollars for a million. Nano-dollars. */
const TOKENS = 100;
export const PER_ANSWER = 200_000n;
/** What a caller of `ask` needs for so many answers. Dollars. */
export const worth = (answers: number): number => (answers * Number(PER_ANSWER)) / 1e9;

/** What the upstream says: all of what may be used is used. */
export const EXACT = { answer: { text: "a b", usage: { input: 10, output: TOKENS } }, delay: 5 };

/** Models whose price is `flat`, and `tiered`; balances are enforced or only budgets. */
export const configOf = (upstream: FakeUpstream, { billing = true, more = {} }: { readonly billing?: boolean; readonly more?: object } = {}) => ({
  providers: { up: { kind: "openai-compatible", base_url: `${upstream.url}/v1`, api_key: "none" } },
  models: {
    flat: { deployments: [{ provider: "up", model: "m" }], price: { input: 0, output: 2 } },
    tiered: { deployments: [{ provider: "up", model: "m" }], price: { input: 0, output: 1, tiers: [{ over: 5, output: 2 }] } },
  },
  routing: { health_check: { mode: "off" } },
  billing: { enabled: billing },
  ...more,
});

/** Asks management, as its admin. Throws with what it says when that is no success. */
export async function manage({ url, key }: GatewayProcess, method: string, path: string, body?: object): Promise<JsonObject> {
  const reply = await fetch(url + path, { method, headers: { authorization: `Bearer ${key}` }, body: body && JSON.stringify(body) });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${text}`);
  return objectOf(JSON.parse(text));
}

/** A user with a balance worth so many answers, and the key they ask with. */
export async function userWith(gateway: GatewayProcess, id: string, answers: number): Promise<string> {
  await manage(gateway, "POST", "/admin/users", { id, balance: worth(answers) });
  return stringOf((await manage(gateway, "POST", "/admin/keys", { name: id, user_id: id }))["key"]) ?? "";
}

interface Asked {
  readonly model?: string;
  /** What is set aside for its answer; what is used is the same, whatever it is. */
  readonly maxTokens?: number;
}

/** One request that uses exactly what it may: `200`, or the status and code it was refused with. */
export async function ask({ url }: GatewayProcess, key: string, { model = "flat", maxTokens = TOKENS }: Asked = {}): Promise<string> {
  const body = JSON.stringify({ model, max_tokens: maxTokens, messages: [{ role: "user", content: "hello" }] });
  const reply = await fetch(`${url}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${key}` }, body });
  const text = await reply.text();
  return reply.status === 200 ? "200" : `${reply.status} ${stringOf(objectOf(objectOf(JSON.parse(text))["error"])["code"])}`;
}

/** How many of each there are. */
export function tally(answers: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const answer of answers) counts[answer] = (counts[answer] ?? 0) + 1;
  return counts;
}
