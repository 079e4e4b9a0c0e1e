import { type Clock, systemClock } from "../../../vocabulary/clock.ts";
import { systemTimer, type Timer } from "../../../vocabulary/timer.ts";
import { MIB } from "../../sizes.ts";
import type { GpuReading, GpuSource } from "../gpu.ts";
import { nextRun } from "../next-run.ts";
import { type GpuLine, type ProcessLine, parseGpu, parseProcess } from "./parse.ts";
import { GPU_QUERY, gpuLoop, PROCESS_QUERY } from "./queries.ts";
import { readingsOf, whatIsAmiss } from "./readings.ts";
import { rounds } from "./rounds.ts";
import { type Command, follow, type Running, runOnce } from "./run.ts";
import { whyNoFigures } from "./why.ts";

export interface NvidiaSmiOptions {
  /** `["nvidia-smi"]` */
  readonly command?: Command;
  /** Milliseconds between readings, 5 s; it counts in whole seconds. */
  readonly every?: number;
  readonly clock?: Clock;
  readonly timer?: Timer;
  /** Told of every new reading. */
  readonly changed?: (readings: readonly GpuReading[]) => void;
}

/** It answers in tens of milliseconds, in seconds where the driver sleeps; one that takes longer hangs. */
const ANSWERS_WITHIN = 15_000;
const FIRST_BACKOFF = 1000;
const LONGEST_BACKOFF = 60_000;
/** A GPU's use has changed when it did by more than what a driver's own moves about. */
const STIRRED = 16 * MIB;
/** Processes are asked after at least once in so many rounds: two may have changed places. */
const ROUNDS_AT_MOST = 12;

/**
 * The GPUs of this machine, by one nvidia-smi that goes on for ever. Who uses them is asked of a second, short one when how much is used has
 * changed: an endless list of processes says nothing when there is none, and so nothing when the last of them has gone.
 */
export function nvidiaSmi({
  command = ["nvidia-smi"],
  every = 5000,
  clock = systemClock,
  timer = systemTimer,
  changed = () => {},
}: NvidiaSmiOptions = {}): GpuSource {
  let readings: readonly GpuReading[] = [];
  let processes: readonly ProcessLine[] = [];
  let trouble: string | undefined = `GPUs are not measured yet: ${command[0]} has not answered.`;
  let endless: Running | undefined;
  let failures = 0;
  let since = 0;
  let usedBefore = new Map<string, number>();
  let stopWaiting = () => {};
  let closed = false;

  const answer = (words: readonly string[]) => runOnce({ command, words, silence: ANSWERS_WITHIN, timer });

  function take(gpus: readonly GpuLine[]): void {
    if (closed) return;
    readings = readingsOf(gpus, processes, clock.now());
    trouble = whatIsAmiss(gpus);
    changed(readings);
  }

  /** Both at once, and the processes' own failure is no failure: then nobody is known. */
  const whole = nextRun(async () => {
    const [gpus, apps] = await Promise.all([answer(GPU_QUERY), answer(PROCESS_QUERY)]);
    const lines = gpus.lines.flatMap((line) => parseGpu(line) ?? []);
    processes = apps.lines.flatMap((line) => parseProcess(line) ?? []);
    if (lines.length > 0) remember(lines);
    else if (!closed) trouble = whyNoFigures(command[0], gpus.ended);
    return readings;
  });

  function remember(gpus: readonly GpuLine[]): void {
    since = 0;
    usedBefore = new Map(gpus.map(({ index, used = 0 }) => [index, used]));
    take(gpus);
  }

  const stirred = (gpus: readonly GpuLine[]) =>
    ++since >= ROUNDS_AT_MOST || gpus.some(({ index, used = 0 }) => Math.abs(used - (usedBefore.get(index) ?? -STIRRED)) >= STIRRED);

  const round = (gpus: readonly GpuLine[]) => {
    failures = 0;
    if (stirred(gpus)) void whole();
    else take(gpus);
  };

  function start(): void {
    const put = rounds(round);
    const watched = { command, words: gpuLoop(every), silence: every * 3 + ANSWERS_WITHIN, timer };
    endless = follow(watched, {
      line(line) {
        const gpu = parseGpu(line);
        if (gpu !== undefined) put(gpu);
      },
      ended(ended) {
        trouble = whyNoFigures(command[0], ended);
        const wait = Math.min(LONGEST_BACKOFF, FIRST_BACKOFF * 2 ** failures++);
        stopWaiting = timer(wait, start);
      },
    });
  }

  start();
  return {
    current: () => readings,
    read: whole,
    trouble: () => trouble,
    close() {
      closed = true;
      stopWaiting();
      endless?.end();
    },
  };
}
