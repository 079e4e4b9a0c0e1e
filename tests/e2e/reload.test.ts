import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type FakeUpstream, startFakeUpstream } from "../fakes/upstream/server.ts";
import { type GatewayProcess, startGateway } from "../harness/gateway.ts";

/** A changed config is taken over whole, or not at all. */
let fake: FakeUpstream;
let gateway: GatewayProcess;
const LAUNCHER = join(import.meta.dir, "..", "..", "bin", "signalbox");
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
});
afterAll(() => fake.stop());
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
    const { status, stderr } = spawnSync(LAUNCHER, ["reload", "--data-dir", join(gateway.folder, "data")], { encoding: "utf8" });
    return { accepted: status === 0, words: stderr };
  },
  SIGHUP: async () => {
    const before = gateway.output().length;
    process.kill(gateway.pid, "SIGHUP");
    for (let waited = 0; waited < 5000; waited += 20) {
      const news = gateway.output().slice(before);
      if (news.includes("config reloaded")) return { accepted: true, words: news };
      if (news.includes("reload refused")) return { accepted: false, words: news };
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error("nothing was said about the reload");
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
  });
}

test("a stream that runs goes on to its end", async () => {
  fake.play({ delayBetween: 30, answer: { text: "one two three four five six seven eight" } });
  const answer = await ask("old", true);
  write(configWith("new"));
  expect((await WAYS["POST /admin/reload"]?.())?.accepted).toBe(true);
  const text = await answer.text();
  expect([text.includes("eight"), text.endsWith("data: [DONE]\n\n")]).toEqual([true, true]);
  fake.play({});
});

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
