import type { DiscoveryRow } from "../config/discovery.ts";
import { table } from "./output.ts";

/** What is known once a gateway has started. */
export interface StartFacts {
  readonly version: string;
  readonly url: string;
  readonly dataDir: string;
  /** Where PostgreSQL is, when there is one. */
  readonly database?: string;
  readonly files: readonly string[];
  readonly rows: readonly DiscoveryRow[];
  readonly models: readonly string[];
  /** Names with a `*`, for all that fit. */
  readonly wildcards: readonly string[];
  readonly notices: readonly string[];
  /** Is it the demo that was started? */
  readonly demo: boolean;
  readonly newAdminKey?: string;
  /** Why the database could not be reached. */
  readonly waitingFor?: string;
  readonly milliseconds: number;
}

/** More names than this are counted, not listed. */
const NAMES_SHOWN = 12;

function configOf({ files, demo }: Pick<StartFacts, "files" | "demo">): string {
  if (files.length > 0) return files.join(" and ");
  return demo ? "none; the demo's simulated provider answers" : "none; providers are discovered";
}

/** The lines printed before anything is known of the providers. */
export function openingLines(facts: Omit<StartFacts, "rows" | "models" | "wildcards" | "notices">): string {
  const lines = [
    `Signalbox ${facts.version} listens on ${facts.url} after ${facts.milliseconds.toFixed(0)} ms.`,
    `Config: ${configOf(facts)}. Data: ${facts.database === undefined ? "" : `PostgreSQL at ${facts.database}, and `}${facts.dataDir}.`,
  ];
  if (facts.waitingFor !== undefined) lines.push(`${facts.waitingFor} Until it is there every key is answered with 503.`);
  return [...lines, ...adminKeyLines(facts.newAdminKey)].join("\n");
}

/** The lines printed when a database that was not there at the start has been reached. */
export function lateLines(newAdminKey: string | undefined, warnings: readonly string[]): string {
  return ["The database is there: keys are known from now on.", ...adminKeyLines(newAdminKey), ...warnings].join("\n");
}

function adminKeyLines(key: string | undefined): string[] {
  return key === undefined ? [] : ["", "The first admin key, shown this once:", "", `    ${key}`, ""];
}

/** What was found, what was not and why, what clients can ask for, and a first request to try. */
export function closingLines(facts: Pick<StartFacts, "url" | "rows" | "models" | "wildcards" | "notices" | "newAdminKey">): string {
  const lines: string[] = [];
  const found = facts.rows.filter((row) => row.found);
  const missing = facts.rows.filter((row) => !row.found);
  if (found.length > 0)
    lines.push(
      table(
        ["FOUND", "MODELS", "WHERE"],
        found.map((row) => [row.title, String(row.models.length), row.why]),
      ),
      "",
    );
  if (missing.length > 0)
    lines.push(
      table(
        ["NOT FOUND", "WHY"],
        missing.map((row) => [row.title, row.why]),
      ),
      "",
    );
  lines.push(...facts.notices);
  const shown = facts.models.slice(0, NAMES_SHOWN).join(", ");
  const more = facts.models.length - NAMES_SHOWN;
  if (facts.wildcards.length > 0) lines.push(`Any name that fits one of these is a model: ${facts.wildcards.join(", ")}.`);
  if (facts.models.length === 0 && facts.wildcards.length > 0) return lines.join("\n");
  if (facts.models.length === 0) {
    lines.push(
      "No model can be called yet. Set a provider's key (OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY, …) or VLLM_API_BASE, write a signalbox.yaml, or try --demo.",
    );
  } else {
    lines.push(`Models: ${shown}${more > 0 ? ` and ${more} more (signalbox models)` : ""}.`, "", "Try it:", tryIt(facts));
  }
  return lines.join("\n");
}

function tryIt(facts: Pick<StartFacts, "url" | "models" | "newAdminKey">): string {
  const body = JSON.stringify({ model: facts.models[0], messages: [{ role: "user", content: "Hello!" }] });
  return `  curl ${facts.url}/v1/chat/completions -H "Authorization: Bearer ${facts.newAdminKey ?? "$SIGNALBOX_KEY"}" -H "Content-Type: application/json" -d '${body}'`;
}
