import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import OpenAI, { toFile } from "openai";
import { listOf, objectOf, stringOf } from "../../../src/vocabulary/json.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { type GatewayProcess, startGateway } from "../../harness/gateway.ts";
import { manage } from "../money/house.ts";
import { ANSWER, batchOf, chatLine, clientOf, configOf, ended, linesOf, PER_LINE } from "./house.ts";

setDefaultTimeout(60_000);

let upstream: FakeUpstream;
let gateway: GatewayProcess;
beforeAll(async () => {
  upstream = await startFakeUpstream({ answer: ANSWER });
  const config = configOf(upstream);
  const models = {
    ...config.models,
    other: { deployments: [{ provider: "up", model: "e" }] },
    narrow: { deployments: [{ provider: "up", model: "n", max_concurrent: 1 }] },
  };
  gateway = await startGateway({ config: { ...config, models } });
});
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

async function member(id: string): Promise<OpenAI> {
  await manage(gateway, "POST", "/admin/users", { id, balance: 1 });
  return clientOf(gateway, stringOf((await manage(gateway, "POST", "/admin/keys", { name: id, user_id: id }))["key"]) ?? "");
}
const statusOf = (asking: Promise<unknown>) =>
  asking.then(
    () => 200,
    (error) => (error instanceof OpenAI.APIError ? error.status : String(error)),
  );

describe("a batch", () => {
  test("is answered line by line, at the price of batches, and its answers are files", async () => {
    const ann = await member("ann");
    const lines = ["a", "b", "c"].map((id) => chatLine(id));
    const made = await batchOf(ann, [...lines, chatLine("wrong", { messages: "none" })], { metadata: { for: "tests" } });
    expect(made).toMatchObject({ object: "batch", status: "validating", completion_window: "24h", metadata: { for: "tests" }, output_file_id: null });
    const batch = await ended(ann, made.id);
    expect(batch).toMatchObject({
      status: "completed",
      model: "m",
      request_counts: { total: 4, completed: 3, failed: 1 },
      usage: { input_tokens: 30, output_tokens: 300, total_tokens: 330 },
      errors: null,
    });
    expect([batch.in_progress_at, batch.finalizing_at, batch.completed_at].every((time) => typeof time === "number")).toBe(true);
    const answers = await linesOf(ann, batch.output_file_id);
    expect(answers.map((line) => line["custom_id"]).toSorted()).toEqual(["a", "b", "c"]);
    for (const { id, response, error } of answers) {
      expect([stringOf(id)?.startsWith("batch_req_"), error]).toEqual([true, null]);
      expect(response).toMatchObject({
        status_code: 200,
        request_id: expect.stringMatching(/^req_/),
        body: { object: "chat.completion", usage: { total_tokens: 110 } },
      });
    }
    expect(await linesOf(ann, batch.error_file_id)).toMatchObject([
      { custom_id: "wrong", response: { status_code: 400, body: { error: { param: "messages" } } } },
    ]);
    const rows = listOf((await manage(gateway, "GET", `/admin/requests?batch=${made.id}`))["data"]).map(objectOf);
    expect(rows.map((row) => row["charge_nano"]).toSorted()).toEqual([...Array(3).fill(String(PER_LINE)), null]);
    expect((await manage(gateway, "GET", "/admin/users/ann"))["balance_nano"]).toBe(String(1_000_000_000n - 3n * PER_LINE));
  });

  test("belongs to its maker, as do its files", async () => {
    const [bob, eve] = [await member("bob"), await member("eve")];
    const made = await batchOf(bob, [chatLine("x")]);
    const { output_file_id: output } = await ended(bob, made.id);
    const theirs = [
      () => eve.batches.retrieve(made.id),
      () => eve.batches.cancel(made.id),
      () => eve.files.retrieve(made.input_file_id),
      () => eve.files.content(String(output)),
      () => eve.files.delete(made.input_file_id),
    ];
    for (const ask of theirs) expect(await statusOf(ask())).toBe(404);
    expect(await statusOf(eve.batches.create({ input_file_id: made.input_file_id, endpoint: "/v1/chat/completions", completion_window: "24h" }))).toBe(400);
    const ofBob = await manage(gateway, "GET", "/admin/batches?owner=bob");
    expect(ofBob).toMatchObject({ data: [{ id: made.id, owner: "bob", user_id: "bob", status: "completed", request_counts: { completed: 1 } }], next: null });
    expect((await eve.batches.list()).data).toEqual([]);
    expect((await eve.files.list()).data).toEqual([]);
    expect((await bob.batches.list()).data.map(({ id }) => id)).toEqual([made.id]);
    expect((await bob.files.list({ purpose: "batch" })).data.map(({ id }) => id)).toEqual([made.input_file_id]);
    expect(await bob.files.delete(made.input_file_id)).toMatchObject({ deleted: true });
    expect(await statusOf(bob.files.retrieve(made.input_file_id))).toBe(404);
  });

  test("whose file is not good fails, and says where", async () => {
    const client = await member("fay");
    const made = await batchOf(client, [
      chatLine("good"),
      chatLine("good"),
      { ...chatLine("get"), method: "GET" },
      { ...chatLine("elsewhere"), url: "/v1/embeddings" },
      chatLine("streamed", { stream: true }),
      chatLine("unknown", { model: "nobody" }),
      { method: "POST" },
    ]);
    const batch = await ended(client, made.id);
    expect(batch).toMatchObject({ status: "failed", output_file_id: null, request_counts: { total: 0 } });
    expect(batch.errors?.data?.map(({ line, code, param }) => `${line} ${code} ${param}`)).toEqual([
      "2 duplicate_custom_id custom_id",
      "3 invalid_method method",
      "4 mismatched_url url",
      "5 unsupported_parameter body.stream",
      "6 model_not_found body.model",
      "7 missing_required_parameter custom_id",
    ]);
  });

  test("may ask for embeddings, completions and responses", async () => {
    const client = await member("guy");
    upstream.play({ models: { e: {} }, otherwise: { answer: ANSWER } });
    const asked = async (endpoint: OpenAI.BatchCreateParams["endpoint"], body: object) => {
      const made = await batchOf(client, [{ custom_id: "x", method: "POST", url: endpoint, body }] as never, { endpoint });
      const batch = await ended(client, made.id);
      return [batch.request_counts?.completed, objectOf(objectOf(objectOf((await linesOf(client, batch.output_file_id))[0])["response"])["body"])["object"]];
    };
    expect(await asked("/v1/embeddings", { model: "other", input: "words" })).toEqual([1, "list"]);
    expect(await asked("/v1/completions", { model: "m", prompt: "words" })).toEqual([1, "text_completion"]);
    expect(await asked("/v1/responses", { model: "m", input: "words" })).toEqual([1, "response"]);
  });

  test("is cancelled: what was asked is answered, the rest is not", async () => {
    const client = await member("hal");
    upstream.play({ answer: ANSWER, delay: 300 });
    const made = await batchOf(
      client,
      Array.from({ length: 100 }, (_, index) => chatLine(`c${index}`)),
    );
    upstream.forget();
    await upstream.request(5, 20_000);
    expect((await client.batches.cancel(made.id)).status).toBe("cancelling");
    const batch = await ended(client, made.id);
    upstream.play({ answer: ANSWER });
    const [answers, errors] = [await linesOf(client, batch.output_file_id), await linesOf(client, batch.error_file_id)];
    expect(batch.status).toBe("cancelled");
    expect(answers.length).toBeGreaterThan(0);
    expect(answers.length).toBeLessThan(100);
    expect([...answers, ...errors].map((line) => line["custom_id"]).toSorted()).toEqual(Array.from({ length: 100 }, (_, index) => `c${index}`).toSorted());
    expect(errors.every(({ error }) => objectOf(error)["code"] === "batch_cancelled")).toBe(true);
    expect(await statusOf(client.batches.cancel("batch_none"))).toBe(404);
  });

  test("waits while its provider is out, and is answered once it is back", async () => {
    const client = await member("ian");
    const failing = { reply: { status: 503, headers: { "retry-after": "1" } } };
    upstream.play({ models: { m: failing } });
    upstream.forget();
    const made = await batchOf(client, [chatLine("p"), chatLine("q")]);
    await upstream.request(2, 20_000);
    expect(await client.batches.retrieve(made.id)).toMatchObject({ status: "in_progress", request_counts: { completed: 0, failed: 0 } });
    upstream.play({ answer: ANSWER });
    expect(await ended(client, made.id)).toMatchObject({ status: "completed", request_counts: { completed: 2, failed: 0 } });
  });

  test("takes the room that nobody else wants: who waits for an answer goes first", async () => {
    const client = await member("lea");
    upstream.play({ answer: ANSWER, delay: 30 });
    upstream.forget();
    let over = false;
    // Always one is being answered, and one waits.
    const people = Array.from({ length: 2 }, async () => {
      while (!over) await client.chat.completions.create({ model: "narrow", max_tokens: 100, messages: [{ role: "user", content: "person" }] });
    });
    await upstream.request(2, 20_000);
    const made = await batchOf(
      client,
      ["p", "q", "r"].map((id) => chatLine(id, { model: "narrow" })),
    );
    await upstream.request(upstream.seen.length + 60, 20_000);
    const meanwhile = upstream.seen.filter(({ text }) => !text.includes("person")).length;
    over = true;
    await Promise.all(people);
    expect(meanwhile).toBe(0);
    expect(await ended(client, made.id)).toMatchObject({ status: "completed", request_counts: { completed: 3 } });
  });

  test("whose maker's key is revoked meanwhile says so", async () => {
    await manage(gateway, "POST", "/admin/users", { id: "jon", balance: 1 });
    const key = await manage(gateway, "POST", "/admin/keys", { name: "jon", user_id: "jon" });
    const other = await manage(gateway, "POST", "/admin/keys", { name: "jon's other", user_id: "jon" });
    const client = clientOf(gateway, String(key["key"]));
    upstream.play({ models: { m: { reply: { status: 503, headers: { "retry-after": "1" } } } } });
    upstream.forget();
    const made = await batchOf(client, [chatLine("p")]);
    await upstream.request(0, 20_000);
    await manage(gateway, "DELETE", `/admin/keys/${key["id"]}`);
    const later = clientOf(gateway, String(other["key"]));
    const batch = await ended(later, made.id);
    upstream.play({ answer: ANSWER });
    expect(await linesOf(later, batch.error_file_id)).toMatchObject([
      { custom_id: "p", response: { status_code: 401, body: { error: { code: "invalid_api_key" } } } },
    ]);
  });
});

describe("files", () => {
  test("are kept byte by byte", async () => {
    const client = await member("kim");
    const bytes = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * 7) % 256));
    const file = await client.files.create({
      file: await toFile(bytes, "größe.bin"),
      purpose: "user_data",
      expires_after: { anchor: "created_at", seconds: 3600 },
    });
    expect(file).toMatchObject({ object: "file", bytes: 3_000_000, filename: "größe.bin", purpose: "user_data", expires_at: file.created_at + 3600 });
    expect(Buffer.from(await (await client.files.content(file.id)).arrayBuffer()).equals(bytes)).toBe(true);
    expect(await statusOf(client.batches.create({ input_file_id: file.id, endpoint: "/v1/chat/completions", completion_window: "24h" }))).toBe(400);
  });

  test.each<[string, () => Promise<unknown>, number]>([
    ["another purpose", async () => (await member("u1")).files.create({ file: await toFile(Buffer.from("x"), "x"), purpose: "batch_output" as never }), 400],
    ["none that is there", async () => (await member("u2")).files.retrieve("file-none"), 404],
    ["another endpoint", async () => (await member("u3")).batches.create({ input_file_id: "f", endpoint: "/v1/videos", completion_window: "24h" }), 400],
    [
      "a window that is none",
      async () => (await member("u4")).batches.create({ input_file_id: "f", endpoint: "/v1/embeddings", completion_window: "soon" as never }),
      400,
    ],
  ])("or batches of %s are refused", async (_name, ask, status) => {
    expect(await statusOf(ask())).toBe(status);
  });
});
