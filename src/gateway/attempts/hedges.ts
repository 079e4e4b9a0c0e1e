/** How many requests may be asked twice: of each model's, so many in a hundred, and no more than a few in a row. */
export interface Hedges {
  /** Counts a request. */
  count(model: string, percent: number): void;
  /** May one of those counted be asked twice now? */
  may(model: string): boolean;
  /** It was. */
  spend(model: string): void;
}

/** What is not used now may be used later, up to so many. */
const SAVED = 5;

export function hedges(): Hedges {
  const saved = new Map<string, number>();
  return {
    count: (model, percent) => void saved.set(model, Math.min(SAVED, (saved.get(model) ?? 1) + percent / 100)),
    may: (model) => (saved.get(model) ?? 0) >= 1,
    spend: (model) => void saved.set(model, (saved.get(model) ?? 1) - 1),
  };
}
