import type { Visit } from "../visit/visit.ts";

/** Waits so many milliseconds; over at once when the visit is called off. */
export function pause(milliseconds: number, visit: Visit): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    visit.onCallOff(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
