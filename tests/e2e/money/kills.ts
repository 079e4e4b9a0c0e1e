import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listOf, objectOf, stringOf } from "../../../src/vocabulary/json.ts";
import { hearChat, hearChatStream } from "../../conformance/hearers/openai-chat.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { type GatewayProcess, startGateway } from "../../harness/gateway.ts";
import { until } from "../../harness/until.ts";

/** How a gateway is ended over and over, under load. */
export interface Killing {
  readonly kills: number;
  readonly stops: number;
  readonly random: () => number;
  /** The URL of the PostgreSQL that keeps the books; absent: they are in files. */
  readonly database?: string;
  /** Told how far it is. */
  readonly tell?: (done: number) => void;
}

/** What came of it. */
export interface Killed {
  /** Answers that clients had to the last byte, and requests that upstreams got. */
  readonly whole: number;
  readonly asked: number;
  /** Answers that were paid for. */
  readonly paid: number;
  /** Of those, answers that were cut off: paid as far as they had come. */
  readonly parts: number;
  readonly mistakes: readonly string[];
}

const USAGE = { input: 10, output: 20 };
/** A dollar for a million of prompt, two for a million of answer: nano-dollars. */
const [INPUT, OUTPUT] = [1_000, 2_000];
const PRICE = USAGE.input * INPUT + USAGE.output * OUTPUT;
const GRANTED = 1_000_000;
const CLIENTS = 8;

/**
 * Ends a gateway again and again at random moments, with clients asking all the while, and holds its books against what the clients had and what
 * the upstream was asked: every whole answer paid once, nothing paid that was not asked, nothing held, every sum right.
 */
export async function killAgainAndAgain({ kills, stops, random, database, tell }: Killing): Promise<Killed> {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-kills-"));
  const fake = await startFakeUpstream(({ json }) => ({
    answer: { text: "one two three four five six", usage: USAGE },
    // Some are slow enough to be written down while they are on their way.
    delayBetween: JSON.stringify(json).includes("slowly") ? 200 : 2,
  }));
  const had = new Map<string, { readonly whole: boolean }>();
  const mistakes: string[] = [];
  const config = {
    providers: { fake: { kind: "openai-compatible", base_url: `${fake.url}/v1`, api_key: "none" } },
    models: { m: { deployments: [{ provider: "fake", model: "m" }], price: { input: 1, output: 2 } } },
    billing: { enabled: true },
    ...(database === undefined ? {} : { database: { url: database } }),
  };
  const start = () => startGateway({ folder, config });
  let gateway = await start();
  const key = await keyOfAnn(gateway);
  let over = false;
  const clients = Array.from({ length: CLIENTS }, async (_, number) => {
    for (let turn = 0; !over; turn++) await ask(() => gateway, key, { stream: number < 2 || (number + turn) % 2 === 0, slowly: number < 2 }, had);
  });
  const moments = [...Array.from({ length: kills }, () => "SIGKILL" as const), ...Array.from({ length: stops }, () => "SIGTERM" as const)];
  for (const [done, signal] of moments.sort(() => random() - 0.5).entries()) {
    await Bun.sleep(50 + random() * 1_500);
    const code = await gateway.end(signal);
    if (signal === "SIGTERM" && code !== 0) mistakes.push(`ended by SIGTERM with ${code}: ${gateway.output().slice(-500)}`);
    gateway = await start();
    tell?.(done + 1);
  }
  over = true;
  await Promise.all(clients);
  // Over PostgreSQL nobody waits for what was left behind to be entered; whoever reads the books here has to.
  await until("what killed gateways left to be entered", () => readdirSync(join(folder, "data", "journals")).length === 1);
  const killed = await reckon(gateway, had, fake, mistakes);
  await gateway.end();
  await fake.stop();
  rmSync(folder, { recursive: true, force: true });
  return killed;
}

async function manage({ url, key }: GatewayProcess, method: string, path: string, body?: object) {
  const reply = await fetch(url + path, { method, headers: { authorization: `Bearer ${key}` }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return objectOf(await reply.json());
}

async function keyOfAnn(gateway: GatewayProcess): Promise<string> {
  await manage(gateway, "POST", "/admin/users", { id: "ann", balance: GRANTED });
  return stringOf((await manage(gateway, "POST", "/admin/keys", { name: "ann", user_id: "ann" }))["key"]) ?? "";
}

/** One request, and whether its answer came to the last byte. */
async function ask(
  gateway: () => GatewayProcess,
  key: string,
  { stream, slowly }: { stream: boolean; slowly: boolean },
  had: Map<string, { readonly whole: boolean }>,
) {
  const body = JSON.stringify({ model: "m", stream, max_tokens: 100, messages: [{ role: "user", content: slowly ? "slowly" : "hello" }] });
  let id: string | undefined;
  try {
    const reply = await fetch(`${gateway().url}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${key}` }, body });
    id = reply.headers.get("x-request-id") ?? undefined;
    const text = await reply.text();
    if (reply.status !== 200) throw new Error(text);
    const { problems, error } = stream ? hearChatStream(text) : hearChat(text);
    if (id !== undefined) had.set(id, { whole: problems.length === 0 && error === undefined });
  } catch {
    if (id !== undefined) had.set(id, { whole: false });
    await Bun.sleep(10);
  }
}

/** Holds the books against what was seen from outside. */
async function reckon(gateway: GatewayProcess, had: ReadonlyMap<string, { readonly whole: boolean }>, fake: FakeUpstream, mistakes: string[]): Promise<Killed> {
  const paid = new Map<string, number>();
  let sum = 0;
  let parts = 0;
  for (let cursor: string | null = "0"; cursor !== null; ) {
    const page = await manage(gateway, "GET", `/admin/transactions?user_id=ann&limit=1000&cursor=${cursor}`);
    for (const entry of listOf(page["data"]).map(objectOf)) {
      if (entry["kind"] === "grant") continue;
      const id = stringOf(entry["request_id"]) ?? "";
      const amount = -Number(entry["amount_nano"]);
      if (entry["kind"] !== "capture") mistakes.push(`an entry of the kind ${entry["kind"]}`);
      if (paid.has(id)) mistakes.push(`${id} was paid twice`);
      if (amount > PRICE || amount <= 0) mistakes.push(`${id} was paid with ${amount}`);
      if (amount < PRICE) parts++;
      paid.set(id, amount);
      sum += amount;
    }
    cursor = stringOf(page["next"]) ?? null;
  }
  for (const [id, { whole }] of had) if (whole && paid.get(id) !== PRICE) mistakes.push(`${id} was answered to the end, and paid with ${paid.get(id)}`);
  const asked = fake.seen.filter(({ method }) => method === "POST").length;
  if (paid.size > asked) mistakes.push(`${paid.size} were paid and only ${asked} asked for`);
  const user = await manage(gateway, "GET", "/admin/users/ann");
  const left = BigInt(GRANTED) * 1_000_000_000n - BigInt(sum);
  if (user["balance_nano"] !== left.toString() || user["held_nano"] !== "0")
    mistakes.push(`the balance is ${user["balance_nano"]} and not ${left}, held ${user["held_nano"]}`);
  const books = await manage(gateway, "GET", "/admin/books");
  if (books["ok"] !== true) mistakes.push(`the books do not add up: ${JSON.stringify(books["discrepancies"])}`);
  return { whole: [...had.values()].filter(({ whole }) => whole).length, asked, paid: paid.size, parts, mistakes };
}
