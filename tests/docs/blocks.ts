import { readFileSync } from "node:fs";
import { join } from "node:path";

const docs = join(import.meta.dir, "..", "..", "docs");

/** The address pages use for the gateway. */
const ADDRESS = "http://localhost:4000";

/** The first block in this language on a page below `docs/`, for a gateway that is at `url`: what readers copy is what is tested. Throws when there is none. */
export function blockOf(page: string, language: string, url: string): string {
  const found = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "m").exec(readFileSync(join(docs, page), "utf8"))?.[1];
  if (found === undefined) throw new Error(`docs/${page} has no block in ${language}.`);
  return found.replaceAll(ADDRESS, url);
}
