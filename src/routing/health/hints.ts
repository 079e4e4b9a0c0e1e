/** What replicas tell each other of deployments, as hints: none relies on another's word. Times are milliseconds since 1970. */
export interface Hints {
  /** This deployment is left alone until then. Never waits, never fails. */
  tell(hint: Hint): void;
  /** Calls back with what the others tell. */
  heard(listener: (hint: Hint) => void): void;
}

export interface Hint {
  readonly deployment: string;
  readonly until: number;
  readonly reason: string;
}
