import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

interface CampaignPage {
  readonly name: string;
  readonly title: string;
  /** What was done and what came of it, as Markdown. */
  readonly text: string;
  /** What went wrong, as items of a Markdown list. */
  readonly mistakes: readonly string[];
}

/** Ends a campaign: writes docs/campaigns/<name>-<date>.md, and ends the process, with 1 where anything went wrong. */
export function endCampaign({ name, title, text, mistakes }: CampaignPage): never {
  const date = new Date().toISOString().slice(0, 10);
  const folder = fileURLToPath(new URL("../../docs/campaigns/", import.meta.url));
  mkdirSync(folder, { recursive: true });
  const rest = mistakes.length === 0 ? "None." : mistakes.join("\n");
  writeFileSync(`${folder}${name}-${date}.md`, `# ${title}, ${date}\n\n${text}\n\n## Anything else\n\n${rest}\n`);
  process.exit(mistakes.length === 0 ? 0 : 1);
}
