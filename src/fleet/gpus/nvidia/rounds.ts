import type { GpuLine } from "./parse.ts";

/**
 * Puts lines that come for ever into rounds, one line for each GPU: a round is over with as many lines as there are GPUs, or when one of them is
 * told of again (a GPU was lost since).
 */
export function rounds(done: (gpus: readonly GpuLine[]) => void): (line: GpuLine) => void {
  let round: GpuLine[] = [];
  const close = () => {
    if (round.length > 0) done(round);
    round = [];
  };
  return (line) => {
    if (round.some(({ index }) => index === line.index)) close();
    round.push(line);
    if (round.length === line.count) close();
  };
}
