/** Some of a row's facts as they shall be: what is absent stays, `null` takes a fact away. */
export type Changes<Row, Name extends keyof Row> = { readonly [Each in Name]?: Row[Each] | null };

/** A row before and after a change. */
export interface Changed<Row> {
  readonly before: Row;
  readonly after: Row;
}

/** The row with these changes. */
export function withChanges<Row extends object>(row: Row, changes: Changes<Row, keyof Row>): Row {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  return { ...row, ...Object.fromEntries(given.map(([name, value]) => [name, value ?? undefined])) };
}
