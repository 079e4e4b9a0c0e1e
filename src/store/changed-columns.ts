/** The columns whose values differ, with their new values: two changes of one row at once do not undo each other. */
export function changedColumns<Columns extends object>(before: Columns, after: Columns): Partial<Columns> {
  const old = new Map(Object.entries(before));
  const changed = Object.entries(after).filter(([column, value]) => value !== old.get(column));
  return Object.fromEntries(changed) as Partial<Columns>;
}
