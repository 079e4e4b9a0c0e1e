/**
 * The way round from an entry over what follows it back to itself, beginning and ending with it: `[a, b, a]`; `undefined` when there is none.
 * `from` is where the first step leads. Everybody is looked at once, however many ways lead there.
 */
export function ringOver(from: string, goal: string, next: (name: string) => readonly string[]): readonly string[] | undefined {
  const seen = new Set<string>();
  const wayTo = (at: string, way: readonly string[]): readonly string[] | undefined => {
    if (at === goal) return [...way, at];
    if (seen.has(at)) return undefined;
    seen.add(at);
    for (const following of next(at)) {
      const found = wayTo(following, [...way, at]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return wayTo(from, [goal]);
}
