import { expect, test } from "bun:test";
import type { Exchange } from "../gateway/visit/exchange.ts";
import { type HealthFacts, healthPages } from "./health.ts";

const WELL: HealthFacts = {
  version: "1",
  labels: () => ({}),
  models: () => ({ m: { state: "healthy" } }),
  circuits: () => ({}),
  trouble: () => undefined,
  waitingFor: () => undefined,
  sharedTrouble: () => undefined,
  stopping: () => false,
  trusts: async () => true,
  metrics: () => undefined,
};

interface Row {
  readonly facts: Partial<HealthFacts>;
  readonly status: string;
  /** How it is ready; absent: wholly. */
  readonly ready?: string;
  /** Why it is not ready. */
  readonly unready?: string;
  readonly trouble?: string;
}

const ROWS: Readonly<Record<string, Row>> = {
  "all is well": { facts: {}, status: "healthy" },
  "some deployments of a model rest": { facts: { models: () => ({ m: { state: "degraded" } }) }, status: "healthy" },
  "all of one model's do": { facts: { models: () => ({ m: { state: "healthy" }, n: { state: "unavailable" } }) }, status: "degraded" },
  "all of all do": { facts: { models: () => ({ m: { state: "unavailable" } }) }, status: "degraded" },
  "one may not run now": { facts: { models: () => ({ m: { state: "healthy", vram_used: 0 }, n: { state: "closed", vram_used: 0 } }) }, status: "healthy" },
  "there is no model": { facts: { models: () => ({}) }, status: "degraded", unready: "no model can be called" },
  "Redis is away": { facts: { sharedTrouble: () => "Redis is away." }, status: "degraded", ready: "degraded", trouble: "Redis is away." },
  "what runs engines is": {
    facts: { sharedTrouble: () => "docker cannot be reached: ENOENT" },
    status: "degraded",
    ready: "degraded",
    trouble: "docker cannot be reached: ENOENT",
  },
  "the database has never been there": {
    facts: { waitingFor: () => "the database cannot be reached", sharedTrouble: () => "PostgreSQL at db is away." },
    status: "unhealthy",
    unready: "the database cannot be reached",
    trouble: "PostgreSQL at db is away.",
  },
  "its own store is": { facts: { trouble: () => "The disk is full." }, status: "unhealthy", unready: "The disk is full.", trouble: "The disk is full." },
  "both are": {
    facts: { trouble: () => "The disk is full.", sharedTrouble: () => "Redis is away." },
    status: "unhealthy",
    unready: "The disk is full.",
    trouble: "The disk is full. Redis is away.",
  },
  "it stops": { facts: { stopping: () => true }, status: "healthy", unready: "stopping" },
};

test.each(Object.entries(ROWS))("%s", async (_name, { facts, status, ready = "ready", unready, trouble }) => {
  const pages = healthPages({ ...WELL, ...facts });
  const shown = async (page: keyof typeof pages) => {
    const reply = await pages[page]({} as Exchange);
    return [reply.status, JSON.parse(String(reply.body))];
  };
  const [code, health] = await shown("health");
  expect([code, health.status, health.trouble]).toEqual([200, status, trouble]);
  expect(await shown("circuits")).toEqual([200, { status, circuit_breakers: {} }]);
  expect(await shown("ready")).toEqual(
    unready === undefined ? [200, ready === "ready" ? { status: ready } : { status: ready, reason: trouble }] : [503, { status: "not ready", reason: unready }],
  );
  expect(await shown("live")).toEqual([200, { status: "alive" }]);
});

test("strangers are told that something is wrong, and not what", async () => {
  const pages = healthPages({ ...WELL, sharedTrouble: () => "Redis is away.", trusts: async () => false });
  const { body } = await pages.ready({} as Exchange);
  expect(JSON.parse(String(body))).toEqual({ status: "degraded" });
});
