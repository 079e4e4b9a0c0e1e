import type { Command } from "commander";
import { type JsonObject, listOf, objectOf, stringOf } from "../../vocabulary/json.ts";
import { askServer } from "../link.ts";
import type { Terminal } from "../output.ts";

interface Asking {
  readonly json?: boolean;
}

const OVERRIDE = "/admin/schedule/override";

/** `signalbox schedule show|override|clear`. */
export function addSchedule(program: Command, terminal: Terminal, dataDir: () => string): void {
  const schedule = program.command("schedule").description("the window in force at the running gateway, and another for a while");
  const tell = (standing: JsonObject, { json }: Asking) => terminal.print(json ? JSON.stringify(standing) : standingText(standing));

  schedule
    .command("show", { isDefault: true })
    .description("which window is open, why and until when")
    .option("--json", "the answer as JSON")
    .addHelpText("after", "\nExample:\n  signalbox schedule show")
    .action(async (options: Asking) => tell(objectOf(await askServer(dataDir(), "GET", "/admin/schedule")), options));

  schedule
    .command("override <window>")
    .description("open a window for a while, whatever the clock says")
    .requiredOption("--until <when>", "a duration from now, or a time: 2h, 2026-11-23T06:00:00Z")
    .option("--reason <text>", "why, for those who look at the plan")
    .option("--json", "the answer as JSON")
    .addHelpText("after", "\nExample:\n  signalbox schedule override night --until 2h --reason 'a long batch'")
    .action(async (window: string, { until, reason, ...options }: Asking & { until: string; reason?: string }) =>
      tell(objectOf(await askServer(dataDir(), "POST", OVERRIDE, { window, until, reason })), options),
    );

  schedule
    .command("clear")
    .description("end the override: the schedule holds again")
    .option("--json", "the answer as JSON")
    .addHelpText("after", "\nExample:\n  signalbox schedule clear")
    .action(async (options: Asking) => tell(objectOf(await askServer(dataDir(), "DELETE", OVERRIDE)), options));
}

/** `The window day is open until 2026-11-23T23:00:00.000Z, by the schedule. May run: llama_0, llama_1.` */
function standingText({ window, why, until, engines, override }: JsonObject): string {
  const { by, reason } = objectOf(override);
  const cause = { schedule: "by the schedule", override: `put above the schedule by ${stringOf(by)}`, rollback: "gone back to" }[stringOf(why) ?? ""] ?? "";
  const words = typeof reason === "string" ? `${cause}: ${reason}` : cause;
  const end = typeof until === "string" ? `until ${until}` : "for ever";
  if (typeof window !== "string") return `No window is open, ${end}.`;
  return `The window ${window} is open ${end}, ${words}. May run: ${listOf(engines).join(", ") || "nothing"}.`;
}
