/**
 * The name that was probably meant, or `undefined` when none is close: a third of its letters may differ (swapped neighbours count as one),
 * and one always may; failing that, the shortest name that begins with what was written.
 */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  const wanted = name.slice(0, 100).toLowerCase();
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const each of names) {
    const distance = editDistance(wanted, each.toLowerCase());
    if (distance < least && distance <= Math.max(1, each.length / 3)) {
      best = each;
      least = distance;
    }
  }
  return best ?? longerName(wanted, names);
}

/** Fewer letters than this begin too many names. */
const SHORTEST_BEGINNING = 3;

function longerName(beginning: string, names: readonly string[]): string | undefined {
  if (beginning.length < SHORTEST_BEGINNING) return undefined;
  return names.filter((name) => name.toLowerCase().startsWith(beginning)).sort((one, other) => one.length - other.length)[0];
}

/** Insertions, deletions, substitutions and swaps of neighbours from one text to the other (optimal string alignment). */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const substitution = (last[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      let distance = Math.min((last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, substitution);
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) distance = Math.min(distance, (beforeLast[column - 2] ?? 0) + 1);
      current.push(distance);
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length] ?? 0;
}
