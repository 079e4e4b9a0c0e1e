import type { Outcome } from "./run.ts";

/** Recordings that rightly come out different, and why. Everything else that differs is a bug. */
export const DECISIONS: Readonly<Record<string, string>> = {
  "groq/0045": "The upstream's error frame comes after content: the client gets the same error as ours, and the end mark the upstream left out.",
  "ollama/0236": "A list of messages was sent to /v1/completions and answered as a chat: we refuse it and name the right route.",
};

export const unexplained = (outcomes: readonly Outcome[]): string[] =>
  outcomes
    .filter(({ recording, problems }) => problems.length > 0 && !(recording.id in DECISIONS))
    .map(({ recording, problems }) => `${recording.id}: ${problems.join("; ")}`);

/** Decisions that explain nothing any more: to be deleted. */
export const idle = (outcomes: readonly Outcome[]): string[] =>
  Object.keys(DECISIONS).filter((id) => outcomes.some(({ recording, problems }) => recording.id === id && problems.length === 0));

/** Passed of played, per label. */
export function rates(
  outcomes: readonly Outcome[],
  labels: (outcome: Outcome) => readonly string[],
): readonly { readonly label: string; readonly passed: number; readonly played: number }[] {
  const rows = new Map<string, { passed: number; played: number }>();
  for (const outcome of outcomes) {
    for (const label of labels(outcome)) {
      const row = rows.get(label) ?? { passed: 0, played: 0 };
      rows.set(label, { passed: row.passed + (outcome.problems.length === 0 ? 1 : 0), played: row.played + 1 });
    }
  }
  return [...rows].map(([label, row]) => ({ label, ...row })).toSorted((left, right) => left.label.localeCompare(right.label));
}
