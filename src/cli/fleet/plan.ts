import type { Command } from "commander";
import { configuredMachine, configuredSchedule } from "../../fleet/schedule/configured.ts";
import { dayAt, type Plan, planRows } from "../../fleet/schedule/plan.ts";
import { systemClock } from "../../vocabulary/clock.ts";
import { askServer, isRunning } from "../link.ts";
import type { OpenPlace } from "../manage.ts";
import { CommandFailed, type Terminal } from "../output.ts";
import { planText } from "./plan-text.ts";

interface PlanOptions {
  readonly date?: string;
  readonly days?: string;
  readonly json?: boolean;
}

/** `signalbox plan`: what runs when, and why. */
export function addPlan(program: Command, terminal: Terminal, place: OpenPlace): void {
  program
    .command("plan")
    .description("which engines run when, hour by hour, and why: of the running gateway, else by the config")
    .option("--date <day>", "from this day on: 2026-11-23 (default: today)")
    .option("--days <number>", "so many days (default: 1)")
    .option("--json", "the answer as JSON")
    .addHelpText("after", "\nExample:\n  signalbox plan --days 2")
    .action(async (options: PlanOptions) => {
      const plan = await planOf(options, place);
      terminal.print(options.json ? JSON.stringify(plan) : planText(plan));
    });
}

async function planOf({ date, days = "1" }: PlanOptions, place: OpenPlace): Promise<Plan> {
  if (await isRunning(place.dataDir())) {
    const query = new URLSearchParams({ days, ...(date === undefined ? {} : { date }) });
    // The same program on the other side.
    return ((await askServer(place.dataDir(), "GET", `/admin/schedule?${query}`)) as { readonly plan: Plan }).plan;
  }
  if (!/^[1-9]\d?$/.test(days)) throw new CommandFailed(`--days ${days} is no number of days. Write --days 2.`);
  const { fleet } = place.settings();
  const calendar = { schedule: configuredSchedule(fleet), overrides: [] };
  try {
    return planRows({ calendar, machine: configuredMachine(fleet), firstDay: date ?? dayAt(calendar, systemClock.now()), days: Number(days) });
  } catch (error) {
    if (error instanceof RangeError) throw new CommandFailed(`--date ${date} is no day. Write --date 2026-11-23.`);
    throw error;
  }
}
