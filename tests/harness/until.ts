/** Waits until it is so; the wait is patience, not proof. `patience` is milliseconds. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>, patience = 20_000): Promise<void> {
  const began = performance.now();
  while (!(await isSo())) {
    if (performance.now() - began > patience) throw new Error(`In vain was waited for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
