import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { SignJWT } from "jose";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox } from "../../harness/box.ts";

/** What keys may say and refuse, over the real story. */
let fake: FakeUpstream;
beforeAll(async () => {
  fake = await startFakeUpstream();
});
afterAll(() => fake.stop());

const models = () => ({ m: [{ kind: "anthropic", url: fake.url, model: "claude-sonnet-4-5" }] });
const HELLO = { model: "m", messages: [{ role: "user", content: "hi" }] };
const FROM_WEBUI = { authorization: "Bearer sb-test", "x-openwebui-user-id": "u-1", "x-openwebui-chat-id": "c-1" };

describe("end users", () => {
  const attributed = async (vouches: boolean, headers: Record<string, string>, endUserSecret?: string) => {
    const box = startBox({ models: models(), caller: { vouches }, endUserSecret });
    const { status } = await box.post("/v1/chat/completions", HELLO, { headers });
    const { endUser, session } = await box.record(0);
    await box.stop();
    return { status, endUser, session };
  };

  test("of a key that vouches are in the row", async () => {
    expect(await attributed(true, FROM_WEBUI)).toEqual({ status: 200, endUser: "u-1", session: "c-1" });
  });

  test("of any other are not", async () => {
    expect(await attributed(false, FROM_WEBUI)).toEqual({ status: 200, endUser: undefined, session: undefined });
  });

  test("by a token of theirs, and a forged one is refused before the upstream is asked", async () => {
    const secret = "a secret of at least thirty-two bytes";
    const sign = (key: string) =>
      new SignJWT({ sub: "u-2" }).setProtectedHeader({ alg: "HS256" }).setIssuer("open-webui").setExpirationTime("5m").sign(new TextEncoder().encode(key));
    fake.forget();
    const signed = { ...FROM_WEBUI, "x-openwebui-user-jwt": await sign(secret) };
    expect(await attributed(true, signed, secret)).toEqual({ status: 200, endUser: "u-2", session: "c-1" });
    const forged = { ...FROM_WEBUI, "x-openwebui-user-jwt": await sign("another secret of thirty-two bytes!!") };
    expect(await attributed(true, forged, secret)).toEqual({ status: 401, endUser: undefined, session: undefined });
    expect(fake.seen.length).toBe(1);
  });

  test("never reach the upstream by their headers", async () => {
    fake.forget();
    await attributed(true, FROM_WEBUI);
    expect(Object.keys(fake.seen[0]?.headers ?? {}).filter((name) => name.startsWith("x-openwebui"))).toEqual([]);
  });
});

describe("a knob the model does not have", () => {
  const asked = async (strict: boolean, body: object) => {
    fake.forget();
    const box = startBox({ models: models(), caller: { strict } });
    const response = await box.post("/v1/chat/completions", { ...HELLO, ...body });
    const text = await response.text();
    await box.stop();
    return { status: response.status, text, warning: response.headers.get("x-signalbox-warnings"), asked: fake.seen.length };
  };

  test("is dropped, and a header says so", async () => {
    const { status, warning, asked: calls } = await asked(false, { seed: 7 });
    expect([status, calls]).toEqual([200, 1]);
    expect(warning).toContain("seed was dropped");
  });

  test("is a refusal for a strict key, and nobody is asked", async () => {
    const { status, text, asked: calls } = await asked(true, { seed: 7 });
    expect([status, calls]).toEqual([400, 0]);
    expect(text).toContain("seed was dropped: claude-sonnet-4-5 has nothing like it.");
  });

  test("does not stand in a strict key's way when it is not turned", async () => {
    expect(await asked(true, {})).toMatchObject({ status: 200, asked: 1, warning: null });
  });
});
