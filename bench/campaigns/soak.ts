import type { LoadResult } from "../load/plan.ts";
import { processUse } from "../proc.ts";
import { load, type Server } from "../servers.ts";

/** How much: `npm run campaign -- soak` does half a million and 20,000, the test a tiny part of it. */
export interface SoakPlan {
  readonly requests: number;
  readonly aborts: number;
  readonly connections: number;
  /** The whole is done in so many equal parts, with a sample after each. */
  readonly parts: number;
}

export interface SoakSample {
  readonly answered: number;
  readonly aborted: number;
  readonly rssMiB: number;
  readonly descriptors: number;
}

export interface SoakResult {
  /** Before the first part, after each, and once more when all is quiet. */
  readonly samples: readonly SoakSample[];
  readonly failures: number;
  readonly seconds: number;
  /** What the upstream counts at the end. */
  readonly upstream: { readonly requests: number; readonly open: number; readonly aborted: number };
}

/** Streams that would go on for hours: whatever ends them is the client's leaving. */
const ENDLESS = "stream-100000-100";
const LOAD = { warmUpSeconds: 0, seconds: 0 } as const;

/** Puts answers and aborted streams on a gateway in turns, and watches its memory and its descriptors. */
export async function soak(gateway: Server, upstream: Server, plan: SoakPlan): Promise<SoakResult> {
  const startedAt = performance.now();
  let [answered, aborted, failures] = [0, 0, 0];
  const samples: SoakSample[] = [];
  const sample = () => {
    const { rssMiB, descriptors } = processUse(gateway.pid);
    samples.push({ answered, aborted, rssMiB, descriptors });
  };
  const count = (result: LoadResult): number => {
    failures += result.failures;
    return result.done;
  };
  sample();
  for (let part = 0; part < plan.parts; part++) {
    const { connections } = plan;
    answered += count(await load(gateway, "instant", { ...LOAD, kind: "unary", connections, requests: Math.ceil(plan.requests / plan.parts) }));
    aborted += count(await load(gateway, ENDLESS, { ...LOAD, kind: "aborts", connections, requests: Math.ceil(plan.aborts / plan.parts) }));
    sample();
  }
  const upstreamStats = await quiet(upstream);
  await closed(gateway);
  sample();
  return { samples, failures, seconds: (performance.now() - startedAt) / 1000, upstream: upstreamStats };
}

/** Waits until the upstream has no stream open, five seconds at most, and says what it counted. */
async function quiet(upstream: Server): Promise<SoakResult["upstream"]> {
  for (let attempt = 0; ; attempt++) {
    const stats = (await (await fetch(`http://127.0.0.1:${upstream.port}/stats`)).json()) as SoakResult["upstream"];
    if (stats.open === 0 || attempt >= 100) return stats;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Waits until connections whose calls were called off have been closed: until their number falls no more. */
async function closed({ pid }: Server): Promise<void> {
  for (let last = Number.POSITIVE_INFINITY; ; ) {
    const { descriptors } = processUse(pid);
    if (descriptors >= last) return;
    last = descriptors;
    await new Promise((resolve) => setTimeout(resolve, 600));
  }
}

/** A section for `docs/campaigns/soak-<date>.md`. */
export function renderSoak(result: SoakResult, plan: SoakPlan, facts: { readonly date: string; readonly versions: string; readonly machine: string }): string {
  const rows = result.samples.map((one) => `| ${one.answered} | ${one.aborted} | ${one.rssMiB.toFixed(1)} | ${one.descriptors} |`);
  return [
    `## ${facts.date}: ${plan.requests} answers, ${plan.aborts} aborted streams`,
    "",
    `${facts.machine}; ${facts.versions}; ${plan.connections} connections; ${result.seconds.toFixed(0)} s. One stream in four is left before its first byte, the others at it; none would end by itself.`,
    "",
    `Failed: ${result.failures}. Upstream: ${result.upstream.requests} streams begun, ${result.upstream.aborted} left, ${result.upstream.open} still open at the end.`,
    "",
    "| answered | aborted | resident MiB | open descriptors |",
    "| --- | --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}
