import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type FakeUpstream, startFakeUpstream } from "../fakes/upstream/server.ts";
import { runCommand } from "../harness/commands.ts";
import { type GatewayProcess, startGateway } from "../harness/gateway.ts";
import { until } from "../harness/until.ts";
import { FIRST_WORD, type HeldUpstream, LAST_WORD, readToFirstWord, startHeldUpstream } from "./held-upstream.ts";

// Programs are started here; a busy machine needs its time for that.
setDefaultTimeout(60_000);

/** A changed config is taken over whole, or not at all. */
let fake: FakeUpstream;
let held: HeldUpstream;
let gateway: GatewayProcess;
const configWith = (...models: string[]) => ({
  providers: { up: { kind: "openai-compatible", base_url: `${fake.url}/v1`, api_key: "none" } },
  models: Object.fromEntries(models.map((name) => [name, { deployments: [{ provider: "up", model: name }] }])),
});
const write = (config: object | string) => writeFileSync(join(gateway.folder, "signalbox.yaml"), typeof config === "string" ? config : JSON.stringify(config));
const ask = (model: string, stream = false) =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.key}` },
    body: JSON.stringify({ model, stream, messages: [{ role: "user", content: "one two three four five six" }] }),
  });
const statuses = async () => [(await ask("old")).status, (await ask("new")).status];

beforeAll(async () => {
  fake = await startFakeUpstream();
  held = await startHeldUpstream();
});
afterAll(async () => {
  await fake.stop();
  await held.stop();
});
beforeEach(async () => {
  gateway = await startGateway({ config: configWith("old") });
});
afterEach(() => gateway.stop());

/** Each way to ask for it; says whether it was accepted and in which words not. */
const WAYS: Record<string, () => Promise<{ accepted: boolean; words: string }>> = {
  "POST /admin/reload": async () => {
    const answer = await fetch(`${gateway.url}/admin/reload`, { method: "POST", headers: { authorization: `Bearer ${gateway.key}` } });
    return { accepted: answer.ok, words: await answer.text() };
  },
  "signalbox reload": async () => {
    const { status, stderr } = runCommand(gateway, ["reload"]);
    return { accepted: status === 0, words: stderr };
  },
  SIGHUP: async () => {
    const before = gateway.output().length;
    process.kill(gateway.pid, "SIGHUP");
    const news = () => gateway.output().slice(before);
    await until("a word about the reload", () => /config reloaded|reload refused/.test(news()));
    return { accepted: news().includes("config reloaded"), words: news() };
  },
};

for (const [way, reload] of Object.entries(WAYS)) {
  describe(way, () => {
    test("takes over a good file, and says nothing changed for a broken one", async () => {
      expect(await statuses()).toEqual([200, 404]);
      write("models:\n  new:\n    deplyments: []\n");
      const refused = await reload();
      expect([refused.accepted, refused.words.includes("signalbox.yaml:3:5")]).toEqual([false, true]);
      expect(await statuses()).toEqual([200, 404]);
      write(configWith("new"));
      expect((await reload()).accepted).toBe(true);
      expect(await statuses()).toEqual([404, 200]);
    });

    test("what runs goes on to its end, though its model and provider are gone", async () => {
      write({
        providers: { held: { kind: "openai-compatible", base_url: held.url } },
        models: { slow: { deployments: [{ provider: "held", model: "slow" }] } },
      });
      expect((await reload()).accepted).toBe(true);
      const stream = await ask("slow", true);
      const readOn = await readToFirstWord(stream);
      const whole = ask("slow");
      await until("both requests at the upstream", () => held.waiting() === 2);
      write(configWith("new"));
      expect((await reload()).accepted).toBe(true);
      expect([(await ask("slow")).status, (await ask("new")).status, held.waiting()]).toEqual([404, 200, 2]);
      held.letGo();
      const text = await readOn();
      expect([text.includes(LAST_WORD), text.endsWith("data: [DONE]\n\n")]).toEqual([true, true]);
      expect(await (await whole).text()).toContain(`${FIRST_WORD} ${LAST_WORD}`);
      for (const answer of [stream, await whole]) {
        const row = await fetch(`${gateway.url}/admin/requests/${answer.headers.get("x-request-id")}`, { headers: { authorization: `Bearer ${gateway.key}` } });
        expect(await row.json()).toMatchObject({ model: "slow", deployment: "held/slow", outcome: "ok", status: 200 });
      }
    });
  });
}

test("a file that is broken only in its keys changes nothing either", async () => {
  write({ ...configWith("new"), keys: [{ name: "k", key: "two words" }] });
  expect((await WAYS["POST /admin/reload"]?.())?.words).toContain("Nothing was changed.");
  expect(await statuses()).toEqual([200, 404]);
});

test("what needs a restart is said", async () => {
  write({ ...configWith("new"), server: { host: "127.0.0.2" } });
  const { words } = (await WAYS["POST /admin/reload"]?.()) ?? { words: "" };
  // The environment's HOST of these tests wins over the file: nothing changed, nothing to say.
  expect(JSON.parse(words)).toMatchObject({ models: ["new"], restart: [] });
  write({ ...configWith("new"), telemetry: { log_level: "warn" } });
  expect(JSON.parse((await WAYS["POST /admin/reload"]?.())?.words ?? "{}")).toMatchObject({ restart: ["telemetry.log_level"] });
});
