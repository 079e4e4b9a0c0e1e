/** How many requests may be asked twice: of each model's, so many in a hundred, and no more than a few in a row. */
export interface Hedges {
  /** Counts a request; may it be asked twice? */
  may(model: string, percent: number): boolean;
  /** It was. */
  spend(model: string): void;
}

/** What is not used now may be used later, up to so many. */
const SAVED = 5;

export function hedges(): Hedges {
  const saved = new Map<string, number>();
  return {
    may(model, percent) {
      const now = Math.min(SAVED, (saved.get(model) ?? 1) + percent / 100);
      saved.set(model, now);
      return now >= 1;
    },
    spend: (model) => void saved.set(model, (saved.get(model) ?? 1) - 1),
  };
}
