import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { type JsonObject, listOf, numberOf, objectOf, stringOf } from "../vocabulary/json.ts";
import { sendToServer } from "./link.ts";
import { manageList, type OpenPlace } from "./manage.ts";
import { CommandFailed, type Terminal, table } from "./output.ts";

interface ExplainOptions {
  readonly route?: string;
  readonly key?: string;
  readonly header?: string[];
  readonly json?: boolean;
}

const STANDARD_INPUT = 0;

/** `signalbox explain`: what would happen to a request, and why. */
export function addExplain(program: Command, terminal: Terminal, place: OpenPlace): void {
  program
    .command("explain [file]")
    .description("what would happen to a request, with nobody asked; - or no file: its body is read from standard input")
    .option("--route <path>", "where it would be sent (default: /v1/chat/completions)")
    .option("--key <name>", "as if it came with this key; its name or id")
    .option("--header <line...>", "as if it came with this header: x-signalbox-tags: night")
    .option("--json", "the answer as JSON")
    .addHelpText("after", "\nExample:\n  signalbox explain request.json --route /v1/messages --key laptop")
    .action(async (file: string | undefined, options: ExplainOptions) => {
      const query = new URLSearchParams();
      if (options.route !== undefined) query.set("route", options.route);
      if (options.key !== undefined) query.set("key_id", await keyId(options.key, place));
      const headers = Object.fromEntries((options.header ?? []).map(headerOf));
      const told = objectOf(await sendToServer(place.dataDir(), { method: "POST", path: `/admin/explain?${query}`, headers, text: bodyIn(file) }));
      terminal.print(options.json ? JSON.stringify(told) : explained(told));
    });
}

function bodyIn(file = "-"): string {
  try {
    return readFileSync(file === "-" ? STANDARD_INPUT : file, "utf8");
  } catch {
    throw new CommandFailed(`${file === "-" ? "Standard input" : file} cannot be read. Name a file with the request's body, or pipe it in.`);
  }
}

/** The id of the living key that is called so, or has this id. */
async function keyId(name: string, place: OpenPlace): Promise<string> {
  const rows = await manageList(place, "/admin/keys");
  const found = rows.find((row) => row["id"] === name) ?? rows.find((row) => row["name"] === name && row["revoked_at"] === null);
  if (found === undefined) throw new CommandFailed(`There is no key ${name}. signalbox keys list shows all.`);
  return stringOf(found["id"]) ?? "";
}

function headerOf(line: string): [name: string, value: string] {
  const [, name, value] = /^([\w-]+):\s*([\x20-\x7e]*)$/.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new CommandFailed(`--header ${line} is no header. Write --header "x-signalbox-tags: night".`);
  return [name, value];
}

/** The answer for people. */
function explained(told: JsonObject): string {
  const {
    model,
    operation,
    dialect,
    strategy,
    rule,
    prompt,
    cache,
    limits,
    refused,
    targets,
    left_out: leftOut,
    last_resort: lastResort,
    fallbacks,
    budget,
  } = told;
  const blocks = [
    [
      `${model ?? "No model"}: ${operation}, asked for in ${dialect}.`,
      ...(typeof prompt === "object" && prompt !== null ? [promptLine(objectOf(prompt))] : []),
      ...(typeof strategy === "string" ? [`Strategy ${strategy}. ${rule === null ? "No rule holds." : ruleLine(objectOf(rule))}`] : []),
      ...(cache === null ? [] : [`The cache: ${objectOf(cache)["outcome"]}.`]),
      ...listOf(limits).map((limit) => `${objectOf(limit)["text"]}`),
      ...(refused === undefined ? [] : [`Refused, ${objectOf(refused)["status"]} ${objectOf(refused)["kind"]}: ${objectOf(refused)["message"]}`]),
    ].join("\n"),
    targetTable("ASKED, IN THIS ORDER", listOf(targets)),
    targetTable("LEFT OUT", listOf(leftOut)),
    ...Object.entries(objectOf(fallbacks)).map(([of, those]) => targetTable(INSTEAD[of] ?? of, listOf(those))),
    targetTable("WHEN ALL ELSE FAILS", listOf(lastResort)),
    ...(listOf(targets).length > 0 ? [`At most ${objectOf(budget)["attempts"]} attempts.`] : []),
  ];
  return blocks.filter((block) => block !== "").join("\n\n");
}

const INSTEAD: Readonly<Record<string, string>> = {
  failure: "WHEN THEY FAIL",
  overflow: "WHEN THE PROMPT IS TOO LONG",
  refusal: "WHEN THEY REFUSE",
  closed: "OUTSIDE ITS HOURS",
};

function promptLine({ bytes, tokens, answer_tokens: answer, needs }: JsonObject): string {
  const parts = [`${bytes} bytes`, `about ${tokens} tokens`];
  if (numberOf(answer) !== undefined) parts.push(`an answer of at most ${answer}`);
  if (listOf(needs).length > 0) parts.push(`needs ${listOf(needs).join(", ")}`);
  return `Prompt: ${parts.join(", ")}.`;
}

function ruleLine({ name, prefer, only, sticky }: JsonObject): string {
  const wants = Object.entries({ prefers: prefer, "allows only": only, "keeps together by": sticky }).filter(([, value]) => value !== undefined);
  const words = wants.map(([verb, value]) => `${verb} ${typeof value === "string" ? value : JSON.stringify(value)}`);
  return `${String(name).replace("rule", "Rule")} ${words.length === 0 ? "holds" : words.join(", ")}.`;
}

/** Empty when there are none. */
function targetTable(heading: string, targets: readonly unknown[]): string {
  if (targets.length === 0) return "";
  const rows = targets.map(objectOf).map(({ deployment, key, why, score }) => [
    [deployment, key].filter((part) => part !== undefined).join(", "),
    String(why),
    Object.entries(objectOf(score))
      .map(([name, value]) => `${name} ${value}`)
      .join(", "),
  ]);
  return table([heading, "WHY", rows.some((row) => row[2] !== "") ? "RECKONED FROM" : ""], rows);
}
