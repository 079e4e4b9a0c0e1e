import { DECISIONS, type Decision } from "./decisions.ts";
import type { Outcome } from "./lane.ts";

export const isPassed = ({ problems }: Outcome): boolean => problems.length === 0;

/** The decision that this recording comes out different on its lane, if there is one. */
function decisionFor({ lane, recording }: Outcome): Decision | undefined {
  return DECISIONS.find(({ lanes, recordings }) => (lanes?.test(lane) ?? true) && recordings.includes(recording.id));
}

export const unexplained = (outcomes: readonly Outcome[]): string[] =>
  outcomes
    .filter((outcome) => !isPassed(outcome) && decisionFor(outcome) === undefined)
    .map(({ lane, recording, problems }) => `${lane}, ${recording.id}: ${problems.join("; ")}`);

/** Decisions that were played and explain nothing any more: to be deleted. */
export const idle = (outcomes: readonly Outcome[]): string[] =>
  DECISIONS.flatMap((decision) =>
    decision.recordings.filter((id) => {
      const about = outcomes.filter((outcome) => outcome.recording.id === id && decisionFor(outcome) === decision);
      return about.length > 0 && about.every(isPassed);
    }),
  );

/** Passed of played, per label. */
export function rates(
  outcomes: readonly Outcome[],
  labels: (outcome: Outcome) => readonly string[],
): readonly { readonly label: string; readonly passed: number; readonly played: number }[] {
  const rows = new Map<string, { passed: number; played: number }>();
  for (const outcome of outcomes) {
    for (const label of labels(outcome)) {
      const row = rows.get(label) ?? { passed: 0, played: 0 };
      rows.set(label, { passed: row.passed + (isPassed(outcome) ? 1 : 0), played: row.played + 1 });
    }
  }
  return [...rows].map(([label, row]) => ({ label, ...row })).toSorted((left, right) => left.label.localeCompare(right.label));
}

/** A table in Markdown. */
export function table(heads: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return [heads, heads.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}
