/** What somebody's place was reckoned from, as the trace tells it. */
export type Score = Readonly<Record<string, number>>;
