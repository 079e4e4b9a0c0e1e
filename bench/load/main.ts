/** The load generator as a process of its own: one plan as its argument, one result on its only line. */
import type { LoadPlan } from "./plan.ts";
import { runAborts, runStreams } from "./streams.ts";
import { runUnary } from "./unary.ts";

const RUNNERS = { unary: runUnary, streams: runStreams, aborts: runAborts } as const;

const plan = JSON.parse(process.argv[2] ?? "{}") as LoadPlan;
console.log(JSON.stringify(await RUNNERS[plan.kind](plan)));
process.exit(0);
