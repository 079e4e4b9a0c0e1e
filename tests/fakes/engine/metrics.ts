import type { EngineOptions } from "./options.ts";
import type { Tally } from "./tally.ts";

/** `/metrics` as vLLM has it: `kv_cache_usage_perc` is `gpu_cache_usage_perc` in older releases. */
export function metricsText(tally: Tally, { servedNames, maxNumSeqs, fake }: EngineOptions): string {
  const usage = tally.running / maxNumSeqs;
  const names = fake.metrics ?? "both";
  const rows: Row[] = [
    { name: "num_requests_running", type: "gauge", value: tally.running },
    { name: "num_requests_waiting", type: "gauge", value: tally.waiting },
    { name: "kv_cache_usage_perc", type: "gauge", value: usage, since: "new" },
    { name: "gpu_cache_usage_perc", type: "gauge", value: usage, since: "old" },
    { name: "prefix_cache_queries_total", type: "counter", value: tally.prefixQueries },
    { name: "prefix_cache_hits_total", type: "counter", value: tally.prefixHits },
    { name: "prompt_tokens_total", type: "counter", value: tally.promptTokens },
    { name: "generation_tokens_total", type: "counter", value: tally.generatedTokens },
  ];
  const labels = `{engine="0",model_name="${servedNames[0]}"}`;
  const shown = rows.filter(({ since }) => since === undefined || names === "both" || names === since);
  return shown.map(({ name, type, value }) => `# TYPE vllm:${name} ${type}\nvllm:${name}${labels} ${value.toFixed(6)}\n`).join("");
}

interface Row {
  readonly name: string;
  readonly type: "gauge" | "counter";
  readonly value: number;
  /** The releases that have it; absent: all. */
  readonly since?: "new" | "old";
}
