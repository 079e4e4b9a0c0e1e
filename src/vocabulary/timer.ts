/** Calls back once after so many milliseconds; what it gives stops that. Time as a parameter, as `Clock` is. */
export type Timer = (milliseconds: number, then: () => void) => () => void;

/** The process may end while it waits. */
export const systemTimer: Timer = (milliseconds, then) => {
  const timer = setTimeout(then, milliseconds);
  timer.unref();
  return () => clearTimeout(timer);
};
