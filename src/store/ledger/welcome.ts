import { userAccount } from "../../vocabulary/ledger.ts";
import type { Nano } from "../../vocabulary/money.ts";
import type { MoneyDesk } from "./money-desk.ts";

/** Gives a new user what they begin with: once, however often it is asked for. */
export async function welcomed(desk: Pick<MoneyDesk, "enter">, userId: string, balance: Nano): Promise<void> {
  if (balance === 0n) return;
  const id = `txn_welcome_${userId}`;
  await desk.enter({ id, kind: "grant", account: userAccount(userId), userId, amount: balance, held: 0n, at: Date.now(), description: "Starting balance" });
}
