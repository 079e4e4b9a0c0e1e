/** What was found of one thing. `waits`: nothing is wrong, and something will still happen. */
export interface Finding {
  readonly about: string;
  readonly state: "ok" | "waits" | "wrong";
  /** What is, and where it is wrong what to do. */
  readonly says: string;
}

export function ok(about: string, says: string): Finding {
  return { about, state: "ok", says };
}

export function wrong(about: string, says: string): Finding {
  return { about, state: "wrong", says };
}
