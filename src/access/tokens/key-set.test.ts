import { beforeAll, expect, test } from "bun:test";
import { handTurned } from "../../vocabulary/clock.fixture.ts";
import { Failure } from "../../vocabulary/failure.ts";
import { JWKS_URL, jwksOf, type SigningKey, signingKey } from "./issuer.fixture.ts";
import { openKeySet } from "./key-set.ts";

let old: SigningKey;
let fresh: SigningKey;
beforeAll(async () => {
  [old, fresh] = await Promise.all([signingKey("ES256", "old"), signingKey("ES256", "new")]);
});

/** A set over a page of keys, with a clock to turn; `found` says which key was found, or what went wrong. */
function opened(...keys: SigningKey[]) {
  const time = handTurned();
  const page = jwksOf(...keys);
  const set = openKeySet({ url: JWKS_URL, get: page.get, clock: time.clock });
  const found = async ({ kid, alg }: Pick<SigningKey, "kid" | "alg">): Promise<string> => {
    try {
      await set.find({ alg, kid }, { payload: "", signature: "" });
      return "found";
    } catch (error) {
      return error instanceof Failure ? error.kind : String((error as { code?: unknown }).code);
    }
  };
  return { time, page, found };
}
const NONE = "ERR_JWKS_NO_MATCHING_KEY";

test("keys are asked for once, by the first who need them together", async () => {
  const { page, found } = opened(old);
  expect(page.asked()).toBe(0);
  expect(await Promise.all([found(old), found(old), found(old)])).toEqual(["found", "found", "found"]);
  expect(page.asked()).toBe(1);
});

test("a rotated key is found at once, and the one it replaced is gone", async () => {
  const { time, page, found } = opened(old);
  await found(old);
  time.turnTo(10_000);
  page.hands.keys = [fresh];
  expect([await found(fresh), await found(old), page.asked()]).toEqual(["found", NONE, 2]);
});

test("invented keys make us ask once in ten seconds, however many there are", async () => {
  const { time, page, found } = opened(old);
  await found(old);
  const invented = (count: number) => Promise.all(Array.from({ length: count }, (_, index) => found({ kid: `k-${index}`, alg: "ES256" })));
  await invented(20);
  expect(page.asked()).toBe(1);
  time.turnTo(10_000);
  expect(new Set(await invented(20))).toEqual(new Set([NONE]));
  expect(page.asked()).toBe(2);
});

test("after ten minutes they are asked for again, and nobody waits for that", async () => {
  const { time, page, found } = opened(old);
  await found(old);
  page.hands.slow = true;
  page.hands.keys = [old, fresh];
  time.turnTo(600_000);
  expect([await found(old), page.asked()]).toEqual(["found", 2]);
  const waiting = found(fresh);
  page.letGo();
  expect([await waiting, page.asked()]).toEqual(["found", 2]);
});

test.each([{ away: true }, { status: 500 }, { keys: [] }])("an issuer that is away (%p) leaves the keys it had", async (trouble) => {
  const { time, page, found } = opened(old);
  await found(old);
  Object.assign(page.hands, trouble);
  for (const hour of [1, 2, 30]) {
    time.turnTo(hour * 3_600_000);
    expect([await found(old), await found(fresh)]).toEqual(["found", NONE]);
  }
  Object.assign(page.hands, { away: false, status: 200, keys: [fresh] });
  time.turnTo(31 * 3_600_000);
  expect(await found(fresh)).toBe("found");
});

test("one that was never there is told as such, asked now and then, and found once it is back", async () => {
  const { time, page, found } = opened(old);
  page.hands.away = true;
  expect([await found(old), await found(old), page.asked()]).toEqual(["overloaded", "overloaded", 1]);
  page.hands.away = false;
  expect(await found(old)).toBe("overloaded");
  time.turnTo(10_000);
  expect([await found(old), page.asked()]).toEqual(["found", 2]);
});

test("a secret among public keys is no key", async () => {
  const shared: SigningKey = { ...old, kid: "shared", alg: "HS256", shown: { kty: "oct", k: "c2VjcmV0", kid: "shared" } };
  expect(await opened(old, shared).found(shared)).toBe("ERR_JOSE_NOT_SUPPORTED");
  expect(await opened(shared).found(shared)).toBe("overloaded");
});
