/** Where a database is: a file, or our schema in a PostgreSQL. Plain data, which travels to workers. */
export type Place = { readonly kind: "sqlite"; readonly path: string } | PostgresPlace;

export interface PostgresPlace {
  readonly kind: "postgres";
  /** With user and password. */
  readonly url: string;
  /** Milliseconds a connection may take. */
  readonly connect: number;
  /** Milliseconds a statement may take; past that the database counts as away. */
  readonly deadline: number;
  /** Most connections at once. */
  readonly connections: number;
}

/** Strict: a commit is on the disk when it returns. Relaxed: the last commits may be lost with the power, never with the process. */
export type Durability = "strict" | "relaxed";
