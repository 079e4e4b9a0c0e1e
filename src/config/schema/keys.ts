import { flag, text, texts } from "./fields.ts";
import { rateLimits } from "./limits.ts";
import { section } from "./sections.ts";

/** One of `keys`. */
export const key = section({
  name: text().describe("What it is called in logs and lists."),
  key: text().describe("The key itself; best as ${NAME}. Stored hashed; a changed value replaces the old one."),
  source: text().optional().describe("Where it is used: webui, n8n."),
  models: texts().optional().describe("Models it may use; left out: all."),
  vouches: flag()
    .prefault(false)
    .describe("Is it believed when it says for whom it asks, by Open WebUI's headers and the like? Only for programs that check who their users are."),
  limits: rateLimits.optional().describe("Limits of its own, each in the place of the same field of limits.per_key."),
  strict: flag().prefault(false).describe("Refuse a request whose tuning the model does not know, instead of answering without it and saying so in a header."),
});
