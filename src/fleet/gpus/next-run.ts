/**
 * One run at a time, and what a caller gets always began after the call: whoever calls while it runs shares the next run with all others who do.
 * The work must not reject.
 */
export function nextRun<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let running: Promise<unknown> | undefined;
  let next: Promise<Result> | undefined;
  const run = () => {
    next = undefined;
    const result = work();
    running = result;
    void result.then(() => {
      if (running === result) running = undefined;
    });
    return result;
  };
  return () => {
    if (next !== undefined) return next;
    if (running === undefined) return run();
    next = running.then(run);
    return next;
  };
}
