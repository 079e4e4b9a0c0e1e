import { describe, expect, test } from "bun:test";
import type { RequestRecord } from "../vocabulary/record.ts";
import { createLog } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { recorder } from "./recorder.ts";
import { record } from "./records.fixture.ts";
import { createSecrets } from "./redact.ts";
import { levelOf, requestLine } from "./request-line.ts";

describe("the request line", () => {
  test("has exactly its fields, in order", () => {
    const line = JSON.parse(JSON.stringify(requestLine(record({ outcome: "failed", failure: "upstream-error", status: 502, message: "It broke." }), "box-1")));
    expect(Object.entries(line)).toEqual([
      ["request_id", "req_1"],
      ["instance", "box-1"],
      ["model", "gpt-4o-mini"],
      ["deployment", "openai/gpt-4o-mini"],
      ["user_id", "user_1"],
      ["source", "webui"],
      ["tokens", 170],
      ["duration_ms", 2300.1],
      ["latency_ms", 120],
      ["outcome", "failed"],
      ["status", 502],
      ["failure", "upstream-error"],
      ["attempts", 1],
      ["error", "It broke."],
    ]);
  });

  test("names who was asked last when nobody served", () => {
    expect(requestLine(record({ deployment: undefined }), "box-1")["deployment"]).toBe("openai/gpt-4o-mini");
  });

  const levels: readonly [Partial<RequestRecord>, string][] = [
    [{}, "info"],
    [{ outcome: "client-left", status: 499 }, "info"],
    [{ outcome: "failed", failure: "invalid-key", status: 401 }, "info"],
    [{ outcome: "failed", failure: "upstream-timeout", status: 504 }, "warn"],
    [{ outcome: "failed", failure: "not-cached", status: 504 }, "info"],
    [{ outcome: "failed", failure: "upstream-error", status: 200 }, "warn"],
    [{ outcome: "failed", failure: "internal", status: 500 }, "error"],
  ];
  for (const [different, level] of levels) {
    test(`is ${level} for ${different.failure ?? different.outcome ?? "ok"}`, () => {
      expect(levelOf(record(different))).toBe(level as ReturnType<typeof levelOf>);
    });
  }
});

function metricsOf() {
  return createMetrics({ knownModel: (model) => model === "gpt-4o-mini", knownDeployment: (deployment) => deployment.startsWith("openai/") });
}

/** The samples of one metric, without comments. */
async function samples(metrics: ReturnType<typeof metricsOf>, name: string): Promise<string[]> {
  return (await metrics.text()).split("\n").filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
}

describe("metrics", () => {
  test("of a request that went well", async () => {
    const metrics = metricsOf();
    metrics.observe(record());
    metrics.observe(record());
    expect(await samples(metrics, "llm_requests_total")).toEqual([
      'llm_requests_total{model="gpt-4o-mini",dialect="openai-chat",outcome="ok",deployment="openai/gpt-4o-mini"} 2',
    ]);
    expect(await samples(metrics, "llm_tokens_total")).toEqual([
      'llm_tokens_total{model="gpt-4o-mini",kind="input"} 200',
      'llm_tokens_total{model="gpt-4o-mini",kind="cache_read"} 40',
      'llm_tokens_total{model="gpt-4o-mini",kind="output"} 100',
      'llm_tokens_total{model="gpt-4o-mini",kind="reasoning"} 20',
    ]);
    expect(await samples(metrics, "llm_attempts_total")).toEqual(['llm_attempts_total{outcome="ok",deployment="openai/gpt-4o-mini"} 2']);
    expect(await samples(metrics, "llm_requests_duration_seconds_count")).toEqual(['llm_requests_duration_seconds_count{model="gpt-4o-mini"} 2']);
    expect(await samples(metrics, "llm_time_to_first_token_seconds_bucket")).toContain(
      'llm_time_to_first_token_seconds_bucket{le="0.2",model="gpt-4o-mini"} 2',
    );
    expect(await samples(metrics, "llm_requests_errors_total")).toEqual([]);
  });

  test("of what the cache answered: counted, but its tokens are nobody's", async () => {
    const metrics = createMetrics({ knownModel: () => true, knownDeployment: () => true, shadow: () => ({ true: 3, false: 1 }) });
    for (const cache of ["hit", "shared", "semantic", "hit"] as const) metrics.observe(record({ cache, deployment: undefined }));
    expect([await samples(metrics, "llm_tokens_total"), (await samples(metrics, "cache_requests_total")).sort()]).toEqual([
      [],
      ['cache_requests_total{outcome="hit"} 2', 'cache_requests_total{outcome="semantic"} 1', 'cache_requests_total{outcome="shared"} 1'],
    ]);
    expect(await samples(metrics, "cache_semantic_shadow_total")).toEqual([
      'cache_semantic_shadow_total{outcome="true"} 3',
      'cache_semantic_shadow_total{outcome="false"} 1',
    ]);
  });

  test("of a failure", async () => {
    const metrics = metricsOf();
    const attempts = [{ deployment: "openai/gpt-4o-mini", why: "", startedMs: 0, failure: "upstream-timeout" as const, decision: "gave up" }];
    metrics.observe(
      record({ outcome: "failed", failure: "upstream-timeout", status: 504, usage: undefined, trace: { candidates: [], attempts, warnings: [] } }),
    );
    expect(await samples(metrics, "llm_requests_errors_total")).toEqual(['llm_requests_errors_total{model="gpt-4o-mini",kind="upstream-timeout"} 1']);
    expect(await samples(metrics, "llm_attempts_total")).toEqual(['llm_attempts_total{outcome="upstream-timeout",deployment="openai/gpt-4o-mini"} 1']);
    expect(await samples(metrics, "llm_tokens_total")).toEqual([]);
  });

  test("strangers' words become `other`: a thousand models are one series", async () => {
    const metrics = metricsOf();
    for (let count = 0; count < 1000; count++) metrics.observe(record({ model: `made-up-${count}"\n`, deployment: `x${count}`, dialect: `d${count}` }));
    expect(await samples(metrics, "llm_requests_total")).toEqual(['llm_requests_total{model="other",dialect="other",outcome="ok",deployment="other"} 1000']);
  });

  test("count what is in flight when they are read", async () => {
    let open = ["gpt-4o-mini", "gpt-4o-mini", "made-up"];
    const metrics = createMetrics({ knownModel: (model) => model === "gpt-4o-mini", knownDeployment: () => true, inFlight: () => open });
    expect(await samples(metrics, "llm_in_flight")).toEqual(['llm_in_flight{model="gpt-4o-mini"} 2', 'llm_in_flight{model="other"} 1']);
    open = [];
    expect(await samples(metrics, "llm_in_flight")).toEqual([]);
  });

  test("count on between two readings", async () => {
    const metrics = metricsOf();
    for (let reading = 1; reading <= 2; reading++) {
      metrics.observe(record());
      expect(await samples(metrics, "llm_requests_total")).toEqual([expect.stringMatching(new RegExp(` ${reading}$`))]);
    }
  });

  test("show what was given up", async () => {
    const backlog = () => ({ rowsWaiting: 3, rowsDropped: 7, linesDropped: 2 });
    const metrics = createMetrics({ knownModel: () => true, knownDeployment: () => true, backlog });
    await metrics.text();
    expect(await samples(metrics, "signalbox_request_rows_dropped_total")).toEqual(["signalbox_request_rows_dropped_total 7"]);
    expect(await samples(metrics, "signalbox_request_rows_waiting")).toEqual(["signalbox_request_rows_waiting 3"]);
    expect(await samples(metrics, "signalbox_log_lines_dropped_total")).toEqual(["signalbox_log_lines_dropped_total 2"]);
  });
});

describe("the recorder", () => {
  test("makes a row, a tick and a line of a request, the client's words defused", async () => {
    const rows: RequestRecord[] = [];
    const texts: string[] = [];
    const sink = { write: async (text: string) => void texts.push(text), writeNow: () => undefined };
    const log = createLog({ level: "info", secrets: createSecrets(), sink });
    const metrics = metricsOf();
    const given = record({ model: "gpt\nsk-canary12345678" });
    recorder({ store: { append: (row) => rows.push(row) }, log, metrics, instance: "box-1", logRequests: () => true, countRequests: () => true })(given);
    await log.flush();
    expect(rows).toEqual([given]);
    expect(await samples(metrics, "llm_requests_total")).toHaveLength(1);
    expect(texts.join("").split("\n")).toHaveLength(2);
    expect(JSON.parse(texts.join(""))).toMatchObject({ message: "request", model: "gpt\n[redacted]", request_id: "req_1" });
  });

  test("never throws, and one part's trouble is not another's", () => {
    const said: string[] = [];
    const say = (message: string) => void said.push(message);
    const broken = () => {
      throw new Error("broken");
    };
    const remember = recorder({
      store: { append: broken },
      log: { info: say, warn: say, error: say },
      metrics: { observe: broken },
      instance: "i",
      logRequests: () => true,
      countRequests: () => true,
    });
    expect(() => remember(record())).not.toThrow();
    expect(said).toEqual(["request", "A request could not be recorded in full.", "A request could not be recorded in full."]);
  });
});
