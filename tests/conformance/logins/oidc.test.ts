import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { type FakeProvider, type Misbehaviour, startProvider } from "../../fakes/identity/provider.ts";
import { browser, settingsOf, startHouse } from "./house.ts";

let provider: FakeProvider;
beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.stop());

const SECRET = "5f0c9a1be6f24c7d8d3e1a09b7c6f5e4";
const settings = (oidc: object = {}, more: object = {}) => ({
  auth: { oidc: { issuer: provider.issuer, client_id: provider.clientId, client_secret: provider.clientSecret, ...oidc }, ...more },
});
const ANN = { id: "ann", subject: "ann-1", email: "ann@example.com" };

let house: ReturnType<typeof startHouse>;
beforeEach(() => {
  Object.assign(provider.hands, { claims: { sub: "ann-1", email: "ann@example.com", email_verified: true }, misbehaves: "none" });
  provider.asked.length = 0;
  house = startHouse(settings, { ...ANN, issuer: provider.issuer });
});
afterEach(() => house.stop());

/** From our door to the provider and back, up to our callback's answer. */
async function logIn(person = browser(), path = "/auth/oidc/login", headers: Record<string, string> = {}): Promise<Response> {
  const begun = await person.open(house.url + path);
  const there = begun.headers.get("location");
  if (there === null) return begun;
  const back = (await fetch(there, { redirect: "manual" })).headers.get("location") ?? "";
  return person.open(back, { headers });
}

describe("a login", () => {
  test("leads to the provider with PKCE, state and nonce, and back into a session", async () => {
    const person = browser();
    const begun = await person.open(`${house.url}/auth/oidc/login?return_to=/console/keys?x=1`);
    const there = new URL(begun.headers.get("location") ?? "");
    expect([begun.status, there.origin + there.pathname]).toEqual([303, `${provider.issuer}/authorize`]);
    expect(Object.fromEntries(there.searchParams)).toEqual({
      client_id: provider.clientId,
      redirect_uri: `${house.url}/auth/oidc/callback`,
      response_type: "code",
      scope: "openid email profile",
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: "S256",
    });
    const [line = ""] = begun.headers.getSetCookie();
    expect(line).toMatch(/^signalbox_login=[\w.-]+; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/);
    for (const secret of ["state", "nonce"]) expect(line).not.toContain(there.searchParams.get(secret) ?? "");

    const back = (await fetch(there, { redirect: "manual" })).headers.get("location") ?? "";
    const arrived = await person.open(back);
    expect([arrived.status, arrived.headers.get("location"), arrived.headers.get("cache-control")]).toEqual([303, "/console/keys?x=1", "no-store"]);
    expect(arrived.headers.getSetCookie()).toEqual([
      "signalbox_login=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax",
      expect.stringMatching(/^signalbox_session=[\w.-]+; Path=\/; Max-Age=43200; HttpOnly; SameSite=Lax$/),
    ]);
    expect(await (await person.open(`${house.url}/auth/me`)).json()).toEqual({ user: "ann", role: "member", key: "session:ann" });
  });

  test("asks the provider about itself at the first login, and not at the next", async () => {
    expect(provider.asked).toEqual([]);
    await logIn();
    await logIn();
    expect(provider.asked.filter((path) => path === "/.well-known/openid-configuration").length).toBe(1);
  });

  test("on a site with TLS its cookies are bound to the host and to TLS", async () => {
    house.config.settings = settingsOf({ ...settings(), server: { public_url: "https://llm.example.com/" } });
    const begun = await browser().open(`${house.url}/auth/oidc/login`);
    expect(begun.headers.getSetCookie()[0]).toMatch(/^__Host-signalbox_login=[\w.-]+; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/);
    expect(begun.headers.get("location")).toContain(encodeURIComponent("https://llm.example.com/auth/oidc/callback"));
  });

  test("gives a program that asks for JSON a token", async () => {
    house.config.settings = settingsOf(settings({}, { jwt: { secret: SECRET } }));
    const arrived = await logIn(browser(), "/auth/oidc/login", { accept: "application/json" });
    const { access_token, token_type } = (await arrived.json()) as Record<string, string>;
    expect([arrived.status, token_type]).toEqual([200, "bearer"]);
    const me = await fetch(`${house.url}/v1/me`, { headers: { authorization: `Bearer ${access_token}` } });
    expect(await me.json()).toMatchObject({ user: "ann" });
  });

  test("takes roles from a claim where one is named, and asks for its scope", async () => {
    house.config.settings = settingsOf(settings({ scopes: ["openid", "groups"], roles: { claim: "groups", map: { "llm-admins": "admin" } } }));
    provider.hands.claims = { sub: "ann-1", groups: ["x", "llm-admins"] };
    const person = browser();
    await logIn(person);
    expect(await (await person.open(`${house.url}/auth/me`)).json()).toMatchObject({ user: "ann", role: "admin" });
  });
});

describe("who has no account", () => {
  const rows: readonly [what: string, oidc: object, claims: object, says: string][] = [
    ["is refused", {}, { sub: "new" }, "has no account here"],
    ["is not taken for somebody with their address", {}, { sub: "new", email: "ann@example.com", email_verified: true }, "has no account here"],
    ["is not taken for somebody by an address that is not verified", { link_by_email: true }, { sub: "new", email: "ann@example.com" }, "has no account here"],
  ];
  test.each(rows)("%s", async (_what, oidc, claims, says) => {
    house.config.settings = settingsOf(settings(oidc));
    Object.assign(provider.hands, { claims });
    const person = browser();
    const arrived = await logIn(person);
    expect([arrived.status, arrived.headers.get("content-type"), await arrived.text()]).toEqual([
      401,
      "text/html; charset=utf-8",
      expect.stringContaining(says),
    ]);
    expect([...person.jar.keys()]).toEqual(["signalbox_login"]);
  });

  test("is made one, or linked, where that is allowed", async () => {
    house.config.settings = settingsOf(settings({ create_users: true, link_by_email: true }));
    const who = async (claims: object) => {
      Object.assign(provider.hands, { claims });
      const person = browser();
      await logIn(person);
      const me = (await (await person.open(`${house.url}/auth/me`)).json()) as Record<string, unknown>;
      return [me["user"], me["role"]];
    };
    expect(await who({ sub: "new", email: "ben@example.com", email_verified: true, name: "Ben" })).toEqual(["user-2", "member"]);
    expect(await who({ sub: "new" })).toEqual(["user-2", "member"]);
    expect(await who({ sub: "x", email: "Ann@example.com", email_verified: true })).toEqual(["ann", "member"]);
    expect(await who({ sub: "sly", email: "victim@example.com" })).toEqual(["user-3", "member"]);
    expect(house.users.get("user-3")?.email).toBeUndefined();
    expect(house.users.get("user-2")).toMatchObject({ issuer: provider.issuer, subject: "new", email: "ben@example.com", name: "Ben" });
  });

  test("nor has one who was blocked, at once", async () => {
    const person = browser();
    await logIn(person);
    house.users.set("ann", { ...ANN, issuer: provider.issuer, role: "member", createdAt: 0, blockedAt: 1 });
    house.logins.forget("ann");
    expect((await person.open(`${house.url}/auth/me`)).status).toBe(401);
    expect(await (await logIn(person)).text()).toContain("was blocked");
  });
});

describe("a provider that misbehaves", () => {
  const rows: readonly [misbehaves: Misbehaviour, status: number, says: string][] = [
    ["denies", 403, "You were not logged in at"],
    ["wrong-nonce", 502, "is not good"],
    ["no-nonce", 502, "is not good"],
    ["wrong-issuer", 502, "is not good"],
    ["wrong-audience", 502, "is not good"],
    ["expired", 502, "is not good"],
    ["other-key", 502, "is not good"],
    ["unsigned", 502, "is not good"],
    ["no-id-token", 502, "is not good"],
    ["used-code", 401, "used before"],
    ["refuses-client", 502, "auth.oidc.client_id and client_secret"],
    ["not-json", 502, "is not good"],
    ["names-another-issuer", 502, "is not good"],
  ];
  test.each(rows)("%s: a page says so, and nobody is logged in", async (misbehaves, status, says) => {
    provider.hands.misbehaves = misbehaves;
    const person = browser();
    const arrived = await logIn(person);
    const page = await arrived.text();
    expect([arrived.status, page]).toEqual([status, expect.stringContaining(says)]);
    expect(page).toContain('<a href="/auth/oidc/login">');
    expect(page).not.toContain(provider.clientSecret);
    expect(person.jar.has("signalbox_session")).toBe(false);
    expect(arrived.headers.get("content-security-policy")).toContain("default-src 'none'");
  });

  test("is away: a page for people, our own failure for programs, and a login as soon as it is back", async () => {
    house.config.settings = settingsOf(settings({ issuer: "http://127.0.0.1:9" }));
    const page = await browser().open(`${house.url}/auth/oidc/login`);
    expect([page.status, await page.text()]).toEqual([502, expect.stringContaining("127.0.0.1:9 cannot be reached")]);
    const program = await fetch(`${house.url}/auth/oidc/login`);
    expect([program.status, await program.json()]).toEqual([502, { error: expect.objectContaining({ code: "upstream_error" }) }]);
    house.config.settings = settingsOf(settings());
    expect((await logIn()).status).toBe(303);
  });

  test("what it says is text on the page, not part of it", async () => {
    const person = browser();
    await person.open(`${house.url}/auth/oidc/login`);
    const state = new URL((await person.open(`${house.url}/auth/oidc/login`)).headers.get("location") ?? "").searchParams.get("state");
    const page = await person.open(`${house.url}/auth/oidc/callback?error=x&error_description=<script>alert(1)</script>&state=${state}`);
    expect(await page.text()).toContain("&#60;script&#62;alert(1)&#60;/script&#62;");
  });

  test("without one in the config there is no such login", async () => {
    house.config.settings = settingsOf({});
    const program = await fetch(`${house.url}/auth/oidc/login`);
    expect([program.status, await program.text()]).toEqual([404, expect.stringContaining("auth.oidc.issuer")]);
  });
});

describe("a callback that is not the end of our login", () => {
  const back = async (person = browser()) => {
    const there = (await person.open(`${house.url}/auth/oidc/login`)).headers.get("location") ?? "";
    return (await fetch(there, { redirect: "manual" })).headers.get("location") ?? "";
  };
  const rows: readonly [what: string, call: (person: ReturnType<typeof browser>) => Promise<Response>][] = [
    ["in a browser that began none", async (person) => person.open(await back())],
    [
      "of a login this browser has begun anew since",
      async (person) => {
        const first = await back(person);
        await back(person);
        return person.open(first);
      },
    ],
    [
      "with another state",
      async (person) => {
        const url = new URL(await back(person));
        url.searchParams.set("state", "x");
        return person.open(url.href);
      },
    ],
    [
      "with a cookie somebody wrote",
      async (person) => {
        const url = await back(person);
        person.jar.set("signalbox_login", "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..a.b.c");
        return person.open(url);
      },
    ],
    ["with nothing at all", (person) => person.open(`${house.url}/auth/oidc/callback`)],
  ];
  test.each(rows)("%s", async (_what, call) => {
    const person = browser();
    const arrived = await call(person);
    expect([arrived.status, await arrived.text()]).toEqual([400, expect.stringContaining("was not begun in this browser")]);
    expect(person.jar.has("signalbox_session")).toBe(false);
    expect(provider.asked).not.toContain("/token");
  });

  test("the same callback twice logs nobody in twice", async () => {
    const person = browser();
    const url = await back(person);
    expect((await person.open(url)).status).toBe(303);
    expect((await person.open(url)).status).toBe(400);
  });
});
