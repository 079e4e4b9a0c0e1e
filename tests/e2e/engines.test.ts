import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type Json, type JsonObject, listOf, objectOf } from "../../src/vocabulary/json.ts";
import { runCommand, type Said } from "../harness/commands.ts";
import { type GatewayProcess, startGateway } from "../harness/gateway.ts";
import { until } from "../harness/until.ts";

/** A gateway whose engines are processes of this machine: fakes that look like vLLM. */
const FAKE = [process.execPath, join(import.meta.dir, "..", "fakes", "engine", "main.ts")];
const GIB = 2 ** 30;
const engine = (model: string, more: object = {}) => ({ model, command: FAKE, gpus: [0], vram: "10GiB", ...more });

/** The window of the nights is in three days: none of these tests meets it. */
const FAR = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
const WEEKDAY = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"][new Date(FAR).getUTCDay()];

let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await startGateway({
    config: {
      // Longer than any test may take.
      server: { shutdown_grace: "1h" },
      fleet: {
        driver: "process",
        gpus: [{ id: 0, memory: "24GiB" }],
        backoff: "1s",
        engines: {
          small: engine("tiny/small", {
            max_concurrent: 2,
            max_queue: 4,
            idle_timeout: "1h",
            env: { HF_TOKEN: "hf-secret-0123456789" },
            args: ["--fake", '{"loadingTime": 300}'],
          }),
          other: engine("tiny/other"),
          night: engine("tiny/night"),
          broken: engine("tiny/broken", { args: ["--fake", '{"loading": "out-of-memory"}'] }),
          // Its weights alone are 15 GiB: that is known of it.
          huge: engine("meta-llama/Llama-3.1-8B-Instruct"),
        },
        schedule: {
          timezone: "UTC",
          windows: [
            { name: "nights", from: "23:58", to: "23:59", days: [WEEKDAY], engines: ["night"] },
            { name: "days", otherwise: true, engines: ["other"] },
          ],
        },
      },
    },
  });
});
afterAll(async () => {
  await gateway.end();
  await gateway.stop();
});

const headers = (more: Record<string, string> = {}) => ({ authorization: `Bearer ${gateway.key}`, "content-type": "application/json", ...more });
const ask = (path: string, method = "GET", body?: object) => fetch(gateway.url + path, { method, headers: headers(), body: body && JSON.stringify(body) });
const json = async (path: string, method?: string, body?: object) => objectOf((await (await ask(path, method, body)).json()) as Json);
const engineAt = (name: string) => json(`/admin/engines/${name}`);
const comesTo = (name: string, state: string) => until(`${name} to be ${state}`, async () => (await engineAt(name))["state"] === state);
const messageOf = (answer: JsonObject) => objectOf(answer["error"])["message"];
const command = (...words: string[]): Said => runCommand(gateway, words);
const ORDINARY = { generation: 0, pinned: false, in_flight: 0, queued: 0, idle_until: null, last_error: null };

test("engines of the config are listed, up or not", async () => {
  const rows = listOf((await json("/admin/engines"))["data"]).map(objectOf);
  expect(rows.map(({ name, state, scheduled }) => [name, state, scheduled])).toEqual([
    ["small", "absent", true],
    ["other", "absent", true],
    ["night", "absent", false],
    ["broken", "absent", true],
    ["huge", "absent", true],
  ]);
  expect(rows[0]).toMatchObject({ ...ORDINARY, model: "tiny/small", driver: "process", gpus: ["0"], vram_bytes: 10 * GIB });
  expect(rows[0]).toMatchObject({ limits: { max_concurrent: 2, max_queue: 4, max_model_len: null }, learnt: null });
  expect(String(rows[2]?.["available_from"])).toMatch(/T23:58:00.000Z$/);
  expect(command("engines", "list").stdout).toMatch(/^small +absent +0 +10\.0 GiB +0 +0$/m);
});

test("which fit, and which can be up together, is told before anything is started", async () => {
  const { data, together } = await json("/admin/fit");
  expect(listOf(data).map((row) => objectOf(row)["name"])).toEqual(["small", "other", "night", "broken", "huge"]);
  expect(together).toEqual([
    ["small", "other"],
    ["small", "night"],
    ["small", "broken"],
    ["small", "huge"],
    ["other", "night"],
    ["other", "broken"],
    ["other", "huge"],
    ["night", "broken"],
    ["night", "huge"],
    ["broken", "huge"],
  ]);
  expect(objectOf(listOf(data)[4])).toMatchObject({ fits: false, says: expect.stringContaining("15.0 GiB of weights") });
  expect(command("engines", "fit").stdout).toMatch(/Up together, and no further one beside them:\n {2}small, other\n/);
});

test("one is started by a command that waits, says its last words, and stops", async () => {
  const started = command("engines", "start", "small");
  expect([started.status, started.stdout]).toEqual([0, "small is ready."]);
  expect(started.stderr).toContain("small is loading");
  expect(await engineAt("small")).toMatchObject({ state: "ready", generation: 1, since: expect.any(String), idle_until: expect.any(String) });
  expect(JSON.parse(command("engines", "logs", "small", "--lines", "3", "--json").stdout)).toMatchObject({ engine: "small", lines: { length: 3 } });
  expect(command("engines", "logs", "small").stdout).toContain("vLLM API server version");
  expect(command("gpus").stdout).toMatch(/small .*10\.0 GiB/);
  expect(command("engines", "show", "small").stdout).toMatch(/^limits\.max_concurrent +2$/m);
  expect(command("engines", "stop", "small")).toMatchObject({ status: 0, stdout: expect.stringMatching(/^small is (draining|stopping)\.$/) });
  await comesTo("small", "absent");
  // What it said is kept beyond its end.
  expect(command("engines", "logs", "small").stdout).toContain("vLLM API server version");
});

test("who asks for it starts it, and is counted so", async () => {
  const chat = () => ask("/v1/chat/completions", "POST", { model: "tiny/small", messages: [{ role: "user", content: "hi" }] });
  const [first, second] = await Promise.all([chat(), chat()]);
  expect([first.status, second.status, (await chat()).status]).toEqual([200, 200, 200]);
  const metrics = await (await ask("/metrics")).text();
  const counted = (line: string) => expect(metrics.split("\n")).toContain(line);
  counted('engine_requests_total{engine="small",start="cold"} 1');
  counted('engine_requests_total{engine="small",start="joined"} 1');
  counted('engine_requests_total{engine="small",start="warm"} 1');
  counted('engine_starts_total{outcome="ok",engine="small"} 2');
  counted('engine_start_seconds_count{engine="small"} 2');
  counted('engine_state{engine="small",state="ready"} 1');
  counted('engine_state{engine="small",state="absent"} 0');
  counted('llm_queue_depth{deployment="small",engine="small"} 0');
  counted(`gpu_memory_bytes{gpu="0",kind="total"} ${24 * GIB}`);
  counted(`gpu_memory_bytes{gpu="0",kind="granted"} ${10 * GIB}`);
});

test("health, lists of models and of deployments know of it", async () => {
  const health = objectOf((await json("/health"))["models"]);
  expect(health).toMatchObject({ "tiny/small": { state: "healthy", vram_used: 0 }, "tiny/other": { state: "healthy" }, "tiny/night": { state: "closed" } });
  expect((await json("/health"))["status"]).toBe("healthy");
  const ids = async (path: string) => listOf((await json(path))["data"]).map((row) => objectOf(row)["id"]);
  expect(await ids("/v1/models")).toEqual(["tiny/small", "tiny/other", "tiny/broken", "meta-llama/Llama-3.1-8B-Instruct"]);
  expect(await ids("/v1/models?all=1")).toContain("tiny/night");
  expect(await json("/v1/models/tiny/night")).toMatchObject({ available_from: expect.stringMatching(/T23:58:00Z$/) });
  expect(listOf((await json("/api/ps"))["models"])).toEqual([
    expect.objectContaining({ name: "tiny/small:latest", size_vram: 10 * GIB, expires_at: expect.any(String) }),
  ]);
  const rows = listOf((await json("/admin/deployments"))["data"]).map(objectOf);
  expect(rows.map((row) => objectOf(row["engine"])["state"])).toEqual(["ready", "absent", "absent", "absent", "absent"]);
});

test("a pinned one comes up outside its window and stays; a start is refused with what to do", async () => {
  const refused = command("engines", "start", "night");
  expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining("night may not run now: the window days is open, and may from ")]);
  expect(refused.stderr).toContain("Pin it");
  expect((await ask("/admin/engines/night/start", "POST")).status).toBe(400);
  expect(await json("/admin/engines/night/pin", "POST")).toMatchObject({ name: "night", pinned: true });
  await comesTo("night", "ready");
  expect(await json("/admin/engines/night/unpin", "POST")).toMatchObject({ pinned: false });
  await comesTo("night", "absent");
});

test("one that does not come up says why", async () => {
  const broken = command("engines", "start", "broken");
  expect([broken.status, broken.stderr]).toEqual([1, expect.stringContaining("memory")]);
  const huge = command("engines", "start", "huge");
  expect([huge.status, huge.stderr]).toEqual([1, expect.stringContaining("15.0 GiB of weights")]);
  expect(await engineAt("huge")).toMatchObject({ state: "failed", last_error: expect.stringContaining("15.0 GiB of weights") });
  expect(objectOf((await json("/health"))["models"])).toMatchObject({ "meta-llama/Llama-3.1-8B-Instruct": { state: "unavailable" } });
  const listed = listOf((await json("/v1/models"))["data"]).map((row) => objectOf(row)["id"]);
  // What is tried again stays on the list.
  expect([listed.includes("tiny/broken"), listed.includes("meta-llama/Llama-3.1-8B-Instruct")]).toEqual([true, false]);
  expect(command("engines", "stop", "broken").status).toBe(0);
});

describe("the schedule", () => {
  test("holds as it is written, and the plan says so", async () => {
    expect(await json("/admin/schedule?days=8")).toMatchObject({
      window: "days",
      why: "schedule",
      override: null,
      plan: { time_zone: "UTC", days: { length: 8 } },
    });
    expect(command("schedule", "show").stdout).toMatch(/^The window days is open until \S+T23:58:00.000Z, by the schedule. May run: other.$/);
    const plan = command("plan", "--date", FAR).stdout;
    expect(plan).toContain(`day, ${FAR}, UTC, UTC+00:00.`);
    expect(plan).toMatch(/^23:58 +23:59 +nights/m);
    expect(command("plan", "--date", "someday")).toMatchObject({ status: 1, stderr: "date must be a day, such as 2026-11-23." });
  });

  test("may be overridden for a while", async () => {
    const opened = command("schedule", "override", "nights", "--until", "2h", "--reason", "a trial");
    expect(opened.stdout).toMatch(/^The window nights is open until .*put above the schedule by command line: a trial\. May run: night\.$/);
    await until("night to be allowed", async () => (await engineAt("night"))["scheduled"] === true);
    expect((await engineAt("other"))["scheduled"]).toBe(false);
    expect(command("plan").stdout).toContain("override by command line: a trial");
    expect(command("schedule", "clear").stdout).toContain("The window days is open");
    await until("other to be allowed", async () => (await engineAt("other"))["scheduled"] === true);
  });

  const WRONG: readonly [wrong: object, param: string, message: string][] = [
    [{ window: "night", until: "2h" }, "window", "There is no window named night. Did you mean nights?"],
    [{ window: "nights", until: "later" }, "until", "until must be a time in ISO 8601"],
    [{ window: "nights", until: "2020-01-01T00:00:00Z" }, "until", "until is over already"],
    [{ window: "nights" }, "until", "until: "],
  ];
  test.each(WRONG)("%j is refused", async (wrong, param, message) => {
    const answer = await ask("/admin/schedule/override", "POST", wrong);
    expect([answer.status, await answer.json()]).toEqual([400, { error: expect.objectContaining({ param, message: expect.stringContaining(message) }) }]);
  });
});

test("what is not there is said so", async () => {
  const paths = ["/admin/engines/nobody", "/admin/engines/small/words", "/admin/engines/nobody/logs"];
  for (const path of paths) expect([path, (await ask(path)).status]).toEqual([path, 404]);
  expect(messageOf(await json("/admin/engines/small/burn", "POST"))).toContain("Orders are start, stop, pin, unpin");
  expect((await ask("/admin/engines/small/logs?lines=0")).status).toBe(400);
});

test("orders are in the audit log, with whose they were", async () => {
  const [row] = listOf((await json("/admin/audit?action=engine.order&target=night"))["data"]).map(objectOf);
  expect(row).toMatchObject({
    action: "engine.order",
    target: { kind: "engine", id: "night" },
    actor: { role: "admin" },
    before: { pinned: true },
    after: { order: "unpin", pinned: false },
  });
  const [override] = listOf((await json("/admin/audit?action=schedule.override"))["data"]).map(objectOf);
  expect(override).toMatchObject({ target: { kind: "schedule", id: "nights" }, after: { window: "nights", reason: "a trial" } });
});

describe("what happens", () => {
  interface Event {
    readonly id: number;
    readonly name: string;
    readonly data: JsonObject;
  }

  const eventsIn = (text: string): Event[] =>
    text
      .split("\n\n")
      .filter((frame) => frame.startsWith("id: "))
      .map((frame) => {
        const [id = "", name = "", data = ""] = frame.split("\n").map((line) => line.slice(line.indexOf(": ") + 2));
        return { id: Number(id), name, data: objectOf(JSON.parse(data) as Json) };
      });

  /** Reads until there is enough, and leaves. */
  async function follow(enough: (events: readonly Event[]) => boolean, last?: number): Promise<Event[]> {
    const leaving = new AbortController();
    const more: Record<string, string> = last === undefined ? {} : { "last-event-id": String(last) };
    const response = await fetch(`${gateway.url}/admin/events`, { headers: headers(more), signal: leaving.signal });
    expect(response.headers.get("content-type")).toStartWith("text/event-stream");
    let text = "";
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      if (enough(eventsIn(text))) break;
    }
    leaving.abort();
    return eventsIn(text);
  }

  test("is remembered and followed, with causes, from where one left off", async () => {
    const all = await follow((events) => events.length >= 5);
    const started = all.find(({ data }) => data["engine"] === "small" && data["to"] === "creating");
    expect(all.find(({ name }) => name === "order")?.data).toMatchObject({ engine: "small", why: "command line orders: start" });
    expect([started?.name, started?.data]).toEqual(["engine", expect.objectContaining({ type: "engine", from: "absent", why: "it was called" })]);
    const list = listOf((await json("/admin/events?format=json"))["data"]).map(objectOf);
    const last = Number(list.at(-1)?.["id"]);
    const rest = follow((events) => events.some(({ data }) => data["to"] === "ready"), last);
    command("engines", "start", "other", "--no-wait");
    const states = (await rest).filter(({ name, id }) => name === "engine" && id > last).map(({ data }) => data["to"]);
    expect(states).toEqual(["creating", "loading", "warming", "ready"]);
    expect(listOf((await json(`/admin/events?format=json&since=${last}`))["data"]).map(objectOf)[0]).toMatchObject({ id: last + 1 });
  });

  test("a reload is something that happens", async () => {
    command("reload");
    const list = listOf((await json("/admin/events?format=json"))["data"]).map(objectOf);
    expect(list.some(({ type }) => type === "config")).toBe(true);
  });

  test("ends with the gateway, which does not wait for it", async () => {
    const { status, body } = await fetch(`${gateway.url}/admin/events`, { headers: headers() });
    const read = new Response(body).text();
    expect([status, await gateway.end()]).toEqual([200, 0]);
    expect(await read).toContain("event: engine");
  });
});

test("without a gateway the plan is the config's", () => {
  const plan = JSON.parse(command("plan", "--date", FAR, "--json").stdout);
  expect(plan).toMatchObject({
    time_zone: "UTC",
    overrides: [],
    spans: [{ window: "days", on_demand: ["small", "other", "broken", "huge"] }, { window: "nights" }, { window: "days" }],
  });
  expect(command("engines", "list")).toMatchObject({ status: 1, stderr: expect.stringContaining("No gateway answers") });
});
