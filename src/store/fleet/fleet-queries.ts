import type { Kysely } from "kysely";
import type { FleetRole, RoleTaken } from "../../vocabulary/fleet-role.ts";
import type { LedgerTables } from "../ledger-tables.ts";

export interface FleetRoleTableRow {
  readonly name: string;
  readonly holder: string;
  readonly address: string;
  readonly secret: string;
  readonly beat: number;
}

export interface FleetMemoryTableRow {
  readonly name: string;
  readonly value: string;
}

/** There is one fleet. */
const NAME = "engines";

/** Who has the role; `undefined`: nobody. */
export async function fleetRole(database: Kysely<LedgerTables>): Promise<FleetRole | undefined> {
  const row = await database.selectFrom("fleet_role").select(["holder", "address", "secret", "beat"]).where("name", "=", NAME).executeTakeFirst();
  return row && { ...row, beat: Number(row.beat) };
}

/** Takes the role from whoever had it, or goes on with it. False when it is not as it was any more: somebody else was first. */
export async function takeFleetRole(database: Kysely<LedgerTables>, { from, holder, address, secret }: RoleTaken): Promise<boolean> {
  if (from === undefined) {
    const { numInsertedOrUpdatedRows: rows } = await database
      .insertInto("fleet_role")
      .values({ name: NAME, holder, address, secret, beat: 1 })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return Number(rows) === 1;
  }
  const { numUpdatedRows: rows } = await database
    .updateTable("fleet_role")
    .set({ holder, address, secret, beat: from.beat + 1 })
    .where("name", "=", NAME)
    .where("holder", "=", from.holder)
    .where("beat", "=", from.beat)
    .executeTakeFirst();
  return Number(rows) === 1;
}

/** Gives the role back, where it is this one's. */
export async function leaveFleetRole(database: Kysely<LedgerTables>, holder: string): Promise<void> {
  await database.deleteFrom("fleet_role").where("name", "=", NAME).where("holder", "=", holder).execute();
}

/** What the fleet remembers; `undefined`: nothing yet. */
export async function fleetMemory(database: Kysely<LedgerTables>): Promise<string | undefined> {
  return (await database.selectFrom("fleet_memory").select("value").where("name", "=", NAME).executeTakeFirst())?.value;
}

export async function keepFleetMemory(database: Kysely<LedgerTables>, value: string): Promise<void> {
  await database
    .insertInto("fleet_memory")
    .values({ name: NAME, value })
    .onConflict((conflict) => conflict.column("name").doUpdateSet({ value }))
    .execute();
}
