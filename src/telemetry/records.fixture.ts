import type { RequestRecord } from "../vocabulary/record.ts";
import { usageOf } from "../vocabulary/usage.ts";

/** A request that went well, with whatever a test wants different. */
export function record(different: Partial<RequestRecord> = {}): RequestRecord {
  return {
    id: "req_1",
    startedAt: Date.UTC(2026, 10, 20, 12),
    operation: "chat",
    dialect: "openai-chat",
    model: "gpt-4o-mini",
    deployment: "openai/gpt-4o-mini",
    keyId: "key_1",
    userId: "user_1",
    source: "webui",
    stream: true,
    status: 200,
    outcome: "ok",
    usage: usageOf({ input: 100, cacheRead: 20, output: 50, reasoning: 10 }),
    firstTokenMs: 120.04,
    totalMs: 2300.06,
    trace: {
      candidates: [{ deployment: "openai/gpt-4o-mini", why: "weight 1" }],
      attempts: [{ deployment: "openai/gpt-4o-mini", why: "weight 1", startedMs: 0, status: 200, decision: "answered" }],
      warnings: [],
    },
    ...different,
  };
}
