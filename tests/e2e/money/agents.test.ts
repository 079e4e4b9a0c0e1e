import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { type JsonObject, listOf, numberOf, objectOf, stringOf } from "../../../src/vocabulary/json.ts";
import { type FakeUpstream, type Seen, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { type GatewayProcess, startGateway } from "../../harness/gateway.ts";
import { until } from "../../harness/until.ts";
import { type Agent, type Heard, type Kit, type Moment, work } from "./agents.ts";
import { configOf, manage, tally } from "./house.ts";

// A hundred clients and a program share the machine; a busy one needs its time for that.
setDefaultTimeout(180_000);

/** Nano-dollars for a token of the prompt and of the answer. */
const [INPUT, OUTPUT] = [1_000n, 2_000n];
/** Two tokens each by anybody's count, fifty in all, as the upstream reports. */
const PIECES = Array.from({ length: 25 }, (_, index) => `piece${String(index).padStart(2, "0")} `);
const TOKENS_PER_PIECE = 2;
const ANSWER = { text: PIECES, usage: { input: 10, output: PIECES.length * TOKENS_PER_PIECE } };
const WHOLE = BigInt(ANSWER.usage.input) * INPUT + BigInt(ANSWER.usage.output) * OUTPUT;
/** What all of them use, and three of those 64,000 tokens that each may use: a budget for three at a time. */
const BALANCE = 100n * WHOLE + 3n * (64_000n * OUTPUT + 1_000n * INPUT);
/** What an upstream says before its first piece. */
const OPENING: Readonly<Record<Kit, number>> = { openai: 1, anthropic: 3 };
const MOMENTS: readonly Moment[] = ["asked", "answered", 1, 2, 5, 10, 17, 24, PIECES.length];

let upstream: FakeUpstream;
let gateway: GatewayProcess;
beforeAll(async () => {
  upstream = await startFakeUpstream({ answer: ANSWER, delay: 3, delayBetween: 2 });
  const price = { input: Number(INPUT) / 1000, output: Number(OUTPUT) / 1000 };
  const more = {
    providers: {
      up: { kind: "openai-compatible", base_url: `${upstream.url}/v1`, api_key: "none" },
      claude: { kind: "anthropic", base_url: upstream.url, api_key: "none" },
    },
    models: {
      openai: { deployments: [{ provider: "up", model: "m" }], price },
      anthropic: { deployments: [{ provider: "claude", model: "m" }], price },
    },
    // Patience, not proof: a hundred in a line for three places take as long as the machine does.
    billing: { enabled: true, hold_wait: "2m" },
  };
  gateway = await startGateway({ config: configOf(upstream, { more }) });
});
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

/** An agent, what it heard, what its upstream saw of it, and what the gateway wrote down. */
interface Case {
  readonly agent: Agent;
  readonly heard: Heard;
  readonly seen: readonly Seen[];
  readonly row: JsonObject | undefined;
}

/** A hundred agents of one user, each with a key of its own, half of which will be cancelled. */
async function hundredAgents(): Promise<{ readonly agent: Agent; readonly keyId: string }[]> {
  await manage(gateway, "POST", "/admin/users", { id: "ann", balance: Number(BALANCE) / 1e9 });
  return Promise.all(
    Array.from({ length: 100 }, async (_, index) => {
      const made = await manage(gateway, "POST", "/admin/keys", { name: `agent ${index}`, user_id: "ann" });
      const kit: Kit = index % 2 === 0 ? "openai" : "anthropic";
      const leaves = index % 4 < 2 ? undefined : MOMENTS[Math.floor(index / 4) % MOMENTS.length];
      const agent = { kit, model: kit, url: gateway.url, key: stringOf(made["key"]) ?? "", prompt: `I am agent ${index}.`, leaves };
      return { agent, keyId: stringOf(made["id"]) ?? "" };
    }),
  );
}

async function allOfThem(): Promise<Case[]> {
  const agents = await hundredAgents();
  const heard = await Promise.all(agents.map(({ agent }) => work(agent)));
  await until("nothing to be held", async () => (await manage(gateway, "GET", "/admin/users/ann"))["held_nano"] === "0");
  const cases = async () => {
    const rows = listOf((await manage(gateway, "GET", "/admin/requests?limit=1000"))["data"]).map(objectOf);
    return agents.map(({ agent, keyId }, index) => ({
      agent,
      heard: heard[index] ?? { pieces: [], statuses: [], trouble: "none" },
      seen: upstream.seen.filter(({ text }) => text.includes(agent.prompt)),
      row: rows.find((row) => row["key_id"] === keyId),
    }));
  };
  await until("all that were asked of an upstream, and they alone, to be written down", async () =>
    (await cases()).every(({ seen, row }) => (seen.length === 0 ? chargeOf(row) === 0n : row !== undefined)),
  );
  return cases();
}

const chargeOf = (row: JsonObject | undefined) => BigInt(stringOf(row?.["charge_nano"]) ?? 0);

test("a hundred agents who ask for 64,000 tokens and use 50, half of them cancelled, on a budget for three at a time", async () => {
  const cases = await allOfThem();
  const [stayed, left] = [cases.filter(({ agent }) => agent.leaves === undefined), cases.filter(({ agent }) => agent.leaves !== undefined)];
  expect([stayed.length, left.length]).toEqual([50, 50]);

  // Everybody who stayed has their whole answer, at the first time of asking; nobody at all was told to go away, or asked again.
  for (const { heard } of stayed) expect(heard).toEqual({ pieces: PIECES, statuses: [200], trouble: undefined });
  expect(tally(left.map(({ heard }) => heard.trouble ?? "cancelled"))).toEqual({ cancelled: 50 });
  expect(Object.keys(tally(cases.flatMap(({ heard }) => heard.statuses.map(String))))).toEqual(["200"]);
  for (const { heard, seen } of cases) expect([heard.statuses.length <= 1, seen.length <= 1]).toEqual([true, true]);

  // What upstreams delivered is what was paid: to the end of it, or as far as it had come when its reader left.
  for (const { seen, row } of stayed) expect([seen[0]?.ending, chargeOf(row)]).toEqual(["whole", WHOLE]);
  for (const each of left) expectDelivered(each);

  const user = await manage(gateway, "GET", "/admin/users/ann");
  expect(BALANCE - BigInt(stringOf(user["balance_nano"]) ?? 0)).toBe(cases.reduce((sum, { row }) => sum + chargeOf(row), 0n));
  expect(await manage(gateway, "GET", "/admin/books")).toMatchObject({ ok: true });
});

/** A cancelled agent pays for its prompt once an upstream has it, and for no less than it heard and no more than was sent. One that still waited in line pays nothing. */
function expectDelivered({ agent, heard, seen: [seen], row }: Case): void {
  if (seen === undefined) {
    expect([chargeOf(row), heard.pieces]).toEqual([0n, []]);
    return;
  }
  const usage = objectOf(row?.["usage"]);
  const [prompt, output] = [numberOf(usage["prompt"]) ?? 0, numberOf(usage["output"]) ?? 0];
  expect(prompt).toBeGreaterThan(0);
  expect(chargeOf(row)).toBe(BigInt(prompt) * INPUT + BigInt(output) * OUTPUT);
  expect(output).toBeGreaterThanOrEqual(heard.pieces.length * TOKENS_PER_PIECE);
  const sent = Math.max(0, seen.pieces - OPENING[agent.kit]);
  expect(output).toBeLessThanOrEqual(Math.min(sent, PIECES.length) * TOKENS_PER_PIECE);
}
