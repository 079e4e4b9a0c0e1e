import { type JsonObject, listOf, numberOf, objectOf, stringOf } from "../../vocabulary/json.ts";
import { dollarsOf } from "../../vocabulary/money.ts";
import { type Finding, ok, wrong } from "./finding.ts";

/** What the gateway says of the books (`GET /admin/books`), each discrepancy in a sentence. */
export function booksFindings(report: JsonObject): Finding[] {
  const discrepancies = listOf(report["discrepancies"]).map(objectOf);
  if (discrepancies.length === 0) return [ok("books", `agree: ${sumsOf(report)}`)];
  return [wrong("books", `do not agree: ${sumsOf(report)}. Entries are the truth.`), ...discrepancies.map((each) => wrong("books", sentenceOf(each)))];
}

function sumsOf(report: JsonObject): string {
  const dollars = (name: string) => `${amountOf(report, name)} USD`;
  return `${counted(report["entries"], "entry", "entries")} on ${counted(report["accounts"], "account", "accounts")}, ${dollars("granted")} given, ${dollars("balances")} left, ${dollars("lent")} lent to gateways`;
}

function sentenceOf(discrepancy: JsonObject): string {
  const [kept, sum] = [amountOf(discrepancy, "kept"), amountOf(discrepancy, "sum")];
  const account = stringOf(discrepancy["account"]);
  return stringOf(discrepancy["what"])?.startsWith("lent") === true
    ? `${account}: ${kept} USD are down as lent, its loans add up to ${sum} USD.`
    : `${account}: ${kept} USD are down as its balance, its entries add up to ${sum} USD.`;
}

function amountOf(row: JsonObject, name: string): string {
  return dollarsOf(BigInt(stringOf(row[`${name}_nano`]) ?? 0));
}

function counted(value: unknown, one: string, several: string): string {
  const count = numberOf(value) ?? 0;
  return `${count} ${count === 1 ? one : several}`;
}
