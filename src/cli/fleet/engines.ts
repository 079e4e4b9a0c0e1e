import type { Command } from "commander";
import { type JsonObject, listOf, numberOf, objectOf, stringOf } from "../../vocabulary/json.ts";
import { askServer } from "../link.ts";
import { CommandFailed, type Terminal, table } from "../output.ts";
import { gibibytes } from "./sizes.ts";

interface Asking {
  readonly json?: boolean;
}

/** `signalbox engines list|show|fit|start|stop|pin|unpin|logs`: questions and orders to the gateway that runs. */
export function addEngines(program: Command, terminal: Terminal, dataDir: () => string): void {
  const engines = program.command("engines").description("the engines of the running gateway: see, start, stop and pin them");
  const ask = async (method: string, path: string) => objectOf(await askServer(dataDir(), method, path));
  const pathOf = (name: string) => `/admin/engines/${encodeURIComponent(name)}`;

  engines
    .command("list", { isDefault: true })
    .description("every engine and how it is")
    .option("--json", "the answer as JSON")
    .addHelpText("after", "\nExample:\n  signalbox engines list")
    .action(async ({ json }: Asking) => {
      const rows = listOf((await ask("GET", "/admin/engines"))["data"]).map(objectOf);
      if (json) return terminal.print(JSON.stringify(rows));
      terminal.print(table(["ENGINE", "STATE", "GPUS", "VRAM", "BUSY", "QUEUED", "IDLE UNTIL", "WHY"], rows.map(cellsOf)));
    });

  engines
    .command("show <name>")
    .description("all there is to know of one engine")
    .option("--json", "the answer as JSON")
    .addHelpText("after", "\nExample:\n  signalbox engines show llama_0")
    .action(async (name: string, { json }: Asking) => {
      const row = await ask("GET", pathOf(name));
      terminal.print(json ? JSON.stringify(row) : table(["FIELD", ""], factsOf(row)));
    });

  engines
    .command("fit")
    .description("whether each engine fits its GPUs, and which can be up together")
    .option("--json", "the answer as JSON")
    .addHelpText("after", "\nExample:\n  signalbox engines fit")
    .action(async ({ json }: Asking) => {
      const told = await ask("GET", "/admin/fit");
      if (json) return terminal.print(JSON.stringify(told));
      const rows = listOf(told["data"]).map(objectOf);
      terminal.print(table(["ENGINE", "GPUS", "VRAM", "FITS"], rows.map(fitCells)));
      terminal.print(["", "Up together, and no further one beside them:", ...listOf(told["together"]).map((set) => `  ${listOf(set).join(", ")}`)].join("\n"));
    });

  engines
    .command("start <name>")
    .description("start an engine, and wait until it is up")
    .option("--no-wait", "only give the order")
    .option("--json", "the answer as JSON")
    .addHelpText("after", "\nExample:\n  signalbox engines start llama_0")
    .action(async (name: string, { wait, json }: Asking & { wait: boolean }) => {
      const first = await ask("POST", `${pathOf(name)}/start`);
      const row = wait ? await upOf(first, () => ask("GET", pathOf(name)), terminal) : first;
      terminal.print(json ? JSON.stringify(row) : `${name} is ${stringOf(row["state"])}.`);
    });

  for (const [order, does] of Object.entries(ORDERS)) {
    engines
      .command(`${order} <name>`)
      .description(does)
      .option("--json", "the answer as JSON")
      .addHelpText("after", `\nExample:\n  signalbox engines ${order} llama_0`)
      .action(async (name: string, { json }: Asking) => {
        const row = await ask("POST", `${pathOf(name)}/${order}`);
        terminal.print(json ? JSON.stringify(row) : `${name} is ${stringOf(row["state"])}${row["pinned"] === true ? ", and stays" : ""}.`);
      });
  }

  engines
    .command("logs <name>")
    .description("the last words of an engine")
    .option("--lines <number>", "so many at most (default: 200)")
    .option("--json", "the answer as JSON")
    .addHelpText("after", "\nExample:\n  signalbox engines logs llama_0 --lines 50")
    .action(async (name: string, { lines = "200", json }: Asking & { lines?: string }) => {
      const said = await ask("GET", `${pathOf(name)}/logs?lines=${encodeURIComponent(lines)}`);
      terminal.print(json ? JSON.stringify(said) : listOf(said["lines"]).join("\n"));
    });
}

const ORDERS = {
  stop: "stop an engine; what it has begun it may finish",
  pin: "start an engine and keep it up, at any hour, whoever wants its memory",
  unpin: "let a pinned engine go by its hours and by what is asked again",
};

/** Milliseconds between two looks. */
const LOOK_AGAIN = 300;

/** Says how it gets on, until it is up. Throws `CommandFailed` when it does not come up. */
async function upOf(first: JsonObject, look: () => Promise<JsonObject>, terminal: Terminal): Promise<JsonObject> {
  let told = "";
  for (let row = first; ; row = await look()) {
    const [name, state, why] = [stringOf(row["name"]), stringOf(row["state"]) ?? "", stringOf(row["why"])];
    if (state === "ready") return row;
    if (state === "absent") throw new CommandFailed(`${name} was stopped before it was up.`);
    if (state === "failed" || state === "backoff") throw new CommandFailed(`${stringOf(row["last_error"]) ?? why}. signalbox engines logs ${name} shows more.`);
    const now = `${name} is ${state}${why === undefined ? "" : `: ${why}`}`;
    if (now !== told) terminal.say(now);
    told = now;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN));
  }
}

function cellsOf(row: JsonObject): string[] {
  const pinned = row["pinned"] === true ? " (pinned)" : "";
  const from = stringOf(row["available_from"]);
  return [
    stringOf(row["name"]) ?? "",
    `${stringOf(row["state"])}${pinned}`,
    listOf(row["gpus"]).join(", "),
    gibibytes(numberOf(row["vram_bytes"])),
    String(row["in_flight"]),
    String(row["queued"]),
    stringOf(row["idle_until"]) ?? "",
    stringOf(row["why"]) ?? (from === undefined ? "" : `may run from ${from}`),
  ];
}

function fitCells(row: JsonObject): string[] {
  const says = stringOf(row["says"]) ?? stringOf(row["last_error"]) ?? "nothing is known of its model";
  return [stringOf(row["name"]) ?? "", listOf(row["gpus"]).join(", "), gibibytes(numberOf(row["vram_bytes"])), says];
}

/** What is not known is left out. */
function factsOf(row: JsonObject): string[][] {
  return Object.entries(row).flatMap(([name, value]): string[][] => {
    if (value === null) return [];
    if (name.endsWith("_bytes")) return [[name.slice(0, -"_bytes".length), gibibytes(numberOf(value))]];
    if (Array.isArray(value)) return value.length === 0 ? [] : [[name, value.join(", ")]];
    if (typeof value === "object") return factsOf(value).map(([field = "", text = ""]) => [`${name}.${field}`, text]);
    return [[name, String(value)]];
  });
}
