import { describe, expect, test } from "bun:test";
import { SignJWT } from "jose";
import type { Behalf } from "../vocabulary/caller.ts";
import { Failure } from "../vocabulary/failure.ts";
import { behalfOf } from "./end-user.ts";

const SECRET = "a secret of at least thirty-two bytes";
const WEBUI = { "x-openwebui-user-id": "u-1", "x-openwebui-user-email": "ann@example.com", "x-openwebui-user-name": "Ann", "x-openwebui-user-role": "user" };

describe("by headers", () => {
  test.each<[string, Record<string, string>, Behalf]>([
    ["nobody", {}, {}],
    ["Open WebUI's four and its chat", { ...WEBUI, "x-openwebui-chat-id": "c-1" }, { endUser: "u-1", email: "ann@example.com", session: "c-1" }],
    ["an address where there is no id", { "x-openwebui-user-email": "ann%40example.com" }, { endUser: "ann@example.com", email: "ann@example.com" }],
    ["any script, percent-encoded", { "x-signalbox-user": "%D0%90%D0%BD%D0%BD%D0%B0" }, { endUser: "Анна" }],
    ["what only looks encoded", { "x-signalbox-user": "100%" }, { endUser: "100%" }],
    ["LibreChat's, by our names", { "x-signalbox-user": "ann", "x-signalbox-session": "s" }, { endUser: "ann", session: "s" }],
    ["Claude Code's session", { "x-claude-code-session-id": "cc" }, { session: "cc" }],
    ["Codex's session", { "session-id": "cx", "thread-id": "t" }, { session: "cx" }],
    ["opencode's session", { "x-session-id": "oc" }, { session: "oc" }],
    ["blanks are nobody", { "x-signalbox-user": " " }, {}],
    ["a novel is cut", { "x-signalbox-user": "x".repeat(5000) }, { endUser: "x".repeat(256) }],
    ["a token nobody can check counts for nothing", { "x-openwebui-user-jwt": "a.b.c" }, {}],
  ])("%s", async (_name, headers, behalf) => {
    expect(await behalfOf(new Headers(headers), undefined)).toEqual(behalf);
  });
});

describe("by a signed token", () => {
  const sign = (claims: Record<string, string>, { secret = SECRET, issuer = "open-webui", ends = "5m" } = {}): Promise<string> =>
    new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).setIssuedAt().setIssuer(issuer).setExpirationTime(ends).sign(new TextEncoder().encode(secret));
  const asked = (token: string) => new Headers({ ...WEBUI, "x-openwebui-user-jwt": token });

  test("its subject, else its address", async () => {
    expect(await behalfOf(asked(await sign({ sub: "u-2", email: "b@example.com" })), SECRET)).toEqual({
      endUser: "u-2",
      email: "b@example.com",
      session: undefined,
    });
    expect(await behalfOf(asked(await sign({ email: "b@example.com" })), SECRET)).toEqual({
      endUser: "b@example.com",
      email: "b@example.com",
      session: undefined,
    });
  });

  test("where tokens are signed, bare headers are not believed", async () => {
    expect(await behalfOf(new Headers(WEBUI), SECRET)).toEqual({ session: undefined });
  });

  test.each<[string, () => Promise<string>]>([
    ["another secret", () => sign({ sub: "u" }, { secret: "another secret of thirty-two bytes!" })],
    ["another issuer", () => sign({ sub: "u" }, { issuer: "somebody" })],
    ["expired", () => sign({ sub: "u" }, { ends: "-1m" })],
    ["unsigned", async () => `${btoa('{"alg":"none"}')}.${btoa('{"sub":"u","iss":"open-webui"}')}.`],
    ["no token at all", async () => "hello"],
  ])("refused: %s", async (_name, token) => {
    const failure = await Promise.resolve(behalfOf(asked(await token()), SECRET)).catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(Failure);
    expect((failure as Failure).kind).toBe("invalid-key");
  });
});
