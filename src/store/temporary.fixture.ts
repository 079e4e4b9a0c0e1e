import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RequestRecord } from "../vocabulary/record.ts";
import { usageOf, withUnits } from "../vocabulary/usage.ts";
import type { KeyRow } from "./keys/key-row.ts";

/** Runs the work with a folder that is gone afterwards. */
export async function inFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-store-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A whole record: every field set, and a text that SQL and JSON both have to escape. */
export function record(number: number, different: Partial<RequestRecord> = {}): RequestRecord {
  return {
    id: `req_${number}`,
    startedAt: 1_790_000_000_000 + number,
    operation: "chat",
    dialect: "openai-chat",
    model: "модель 'o\"neill\\",
    deployment: "openai/gpt-4o-mini",
    keyId: "key_1",
    userId: "user_1",
    teamId: "team_1",
    source: "webui",
    batch: "batch_1",
    stream: true,
    status: 502,
    cache: "miss",
    outcome: "failed",
    failure: "upstream-error",
    message: "broke\n🙂",
    usage: withUnits(
      usageOf({
        input: 1,
        cacheRead: 2,
        cacheWrite5m: 3,
        cacheWrite1h: 4,
        output: 5,
        reasoning: 6,
        audioInput: 7,
        audioOutput: 8,
        imageInput: 9,
        evidence: "counted",
      }),
      {
        imageOutput: 10,
        milliseconds: 11,
        characters: 12,
        images: 13,
        searches: 14,
        webSearches: 15,
        gpuMilliseconds: 16,
        cacheAudioRead: 17,
        cacheImageRead: 18,
        citations: 19,
      },
    ),
    cost: 9_007_199_254_740_993n,
    charge: 20n,
    priceVersion: "config 1",
    accounts: ["user:user_1", "budget:key:key_1:day:2026-09-21"],
    firstTokenMs: 12.5,
    totalMs: 2300.25,
    trace: {
      candidates: [{ deployment: "openai/gpt-4o-mini", why: "weight 1" }],
      attempts: [
        { deployment: "openai/gpt-4o-mini", why: "weight 1", startedMs: 0.5, status: 502, failure: "upstream-error", message: "'", decision: "gave up" },
      ],
      warnings: ["w"],
    },
    ...different,
  };
}

export function key(name: string, different: Partial<KeyRow> = {}): KeyRow {
  return {
    id: `id-${name}`,
    hash: `hash-${name}`,
    shown: "sb-…",
    name,
    role: "member",
    localOnly: false,
    vouches: false,
    strict: false,
    origin: "api",
    createdAt: 1000,
    ...different,
  };
}
