import type { Command } from "commander";
import { type JsonObject, listOf, numberOf, objectOf, stringOf } from "../vocabulary/json.ts";
import { manage, type OpenPlace } from "./manage.ts";
import { CommandFailed, type Terminal, table } from "./output.ts";

interface Why {
  readonly reason: string;
  readonly json?: boolean;
}

const USUAL = "50";

/** `signalbox credit`, `refund`, `transactions`. */
export function addMoney(program: Command, terminal: Terminal, place: OpenPlace): void {
  const tell = (json: boolean | undefined, entry: JsonObject) =>
    terminal.print(json ? JSON.stringify(entry) : `${stringOf(entry["id"])}: ${signed(entry["amount"])} USD. The balance is ${entry["balance"]} USD.`);

  program
    .command("credit <user> <amount>")
    .description("give a user so many US dollars, or take them with a negative amount")
    .requiredOption("--reason <text>", "why: it stands in the ledger")
    .option("--json", "the answer as JSON")
    .addHelpText("after", "\nExamples:\n  signalbox credit ann 25 --reason 'top-up for May'\n  signalbox credit ann -5 --reason 'paid in twice'")
    .action(async (user: string, amount: string, { reason, json }: Why) =>
      tell(json, await manage(place, "POST", `/admin/users/${encodeURIComponent(user)}/credit`, { amount, reason })),
    );

  program
    .command("refund <request>")
    .description("give back what a request was charged, once")
    .option("--amount <dollars>", "a part of it (default: all)")
    .requiredOption("--reason <text>", "why: it stands in the ledger")
    .option("--json", "the answer as JSON")
    .addHelpText("after", "\nExample:\n  signalbox refund req_3fGh2k --reason 'the answer was cut off'")
    .action(async (request: string, { amount, reason, json }: Why & { readonly amount?: string }) =>
      tell(json, await manage(place, "POST", `/admin/requests/${encodeURIComponent(request)}/refund`, { amount, reason })),
    );

  program
    .command("transactions [user]")
    .description("what moved a user's money, the newest first; without a user the house's, which pays for keys that have none")
    .option("--limit <number>", "so many, 1000 at most", USUAL)
    .option("--json", "the answer as JSON")
    .addHelpText("after", "\nExample:\n  signalbox transactions ann --limit 10")
    .action(async (user: string | undefined, { limit, json }: { readonly limit: string; readonly json?: boolean }) => {
      if (!/^\d{1,4}$/.test(limit)) throw new CommandFailed(`--limit ${limit} is no number of rows. Write --limit 10.`);
      const query = new URLSearchParams({ limit, ...(user === undefined ? {} : { user_id: user }) });
      const rows = listOf((await manage(place, "GET", `/admin/transactions?${query}`))["data"]).map(objectOf);
      if (json) return terminal.print(JSON.stringify(rows));
      terminal.print(table(["TIME", "ID", "KIND", "USD", "WHAT", "WHY"], rows.map(cells)));
    });
}

function cells(row: JsonObject): string[] {
  const texts = [row["timestamp"], row["id"], row["kind"]].map((value) => stringOf(value) ?? "");
  return [...texts, signed(row["amount"]), stringOf(row["description"]) ?? "", stringOf(row["reason"]) ?? ""];
}

/** An amount that tells given from taken. */
function signed(amount: unknown): string {
  const value = numberOf(amount) ?? 0;
  return value > 0 ? `+${value}` : String(value);
}
