import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createIdentity } from "../../../src/access/identify.ts";
import { userBookOf } from "../../../src/access/tokens/user-book.fixture.ts";
import { openLogins } from "../../../src/assembly/logins.ts";
import { type Settings, settingsSchema } from "../../../src/config/schema/schema.ts";
import { actor, type Gate, guarded } from "../../../src/gateway/guard.ts";
import { type Handle, jsonReply, type Route } from "../../../src/gateway/visit/exchange.ts";
import { startPulse } from "../../../src/gateway/visit/pulse.ts";
import { authRoutes } from "../../../src/http/auth/routes.ts";
import { openSpool } from "../../../src/http/forms/spool.ts";
import { routeTable } from "../../../src/http/route-table.ts";
import { startServer } from "../../../src/http/server.ts";
import type { UserRow } from "../../../src/store/users/user-row.ts";
import { upstreamClient } from "../../../src/upstream/client.ts";
import type { RequestRecord } from "../../../src/vocabulary/record.ts";

/** A server with the doors of a gateway, real but for its users, who are in memory. */
export function startHouse(wanted: object | (() => object), ...rows: (Partial<UserRow> & Pick<UserRow, "id">)[]) {
  const dataDir = mkdtempSync(join(tmpdir(), "signalbox-logins-"));
  const users = userBookOf(...rows);
  const config = { settings: settingsOf(typeof wanted === "function" ? wanted() : wanted) };
  const records: RequestRecord[] = [];
  const logins = openLogins({ settings: () => config.settings, users: users.book, upstream: upstreamClient(), dataDir });
  const identity = createIdentity({ keys: { holderByHash: async () => undefined }, tokens: logins.tokens });
  const told: Handle = async (exchange) => {
    const { userId, role, keyId } = actor(exchange);
    return jsonReply({ user: userId, role, key: keyId });
  };
  const gate: Gate = { callerOf: ({ headers }) => identity.identify(headers), trusts: () => false, audit: async () => undefined };
  const door: Gate = { ...gate, callerOf: (exchange) => logins.sessions.caller(exchange.headers) ?? gate.callerOf(exchange) };
  /** What client routes do, keys and tokens and no look at cookies, and what people's do. */
  const client: Route = { method: "GET", path: "/v1/me", admits: "member", handle: told };
  const person: Route = { method: "GET", path: "/auth/me", admits: "read-only", handle: told };
  const limits = () => ({ each: 1_000_000, all: 10_000_000 });
  const pulse = startPulse(10);
  const server = startServer({
    listen: { hostname: "127.0.0.1", port: 0 },
    routes: routeTable([...guarded([client], gate), ...guarded([...authRoutes(logins.desk), person], door)]),
    limits,
    spool: openSpool(join(dataDir, "spool"), limits),
    edge: () => ({ corsOrigins: [], allowedHosts: [] }),
    pulse,
    record: (record) => void records.push(record),
    complain: (_id, failure) => console.error(failure.facts.cause),
  });
  const url = `http://127.0.0.1:${server.port}`;
  return {
    url,
    logins,
    records,
    config,
    dataDir,
    ...users,
    async stop() {
      await server.stop(0);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export function settingsOf(wanted: object): Settings {
  return settingsSchema(["openai"]).parse(wanted);
}

/** A browser: keeps cookies per host, and follows nobody unasked. */
export function browser() {
  const jar = new Map<string, string>();
  return {
    jar,
    async open(address: string, init: { readonly method?: string; readonly headers?: Record<string, string> } = {}): Promise<Response> {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
      const headers = { accept: "text/html,application/xhtml+xml", ...(cookie === "" ? {} : { cookie }), ...init.headers };
      const reply = await fetch(address, { ...init, headers, redirect: "manual" });
      for (const line of reply.headers.getSetCookie()) {
        const [pair = ""] = line.split(";");
        const equals = pair.indexOf("=");
        if (/Max-Age=0(;|$)/.test(line)) jar.delete(pair.slice(0, equals));
        else jar.set(pair.slice(0, equals), pair.slice(equals + 1));
      }
      return reply;
    },
  };
}
