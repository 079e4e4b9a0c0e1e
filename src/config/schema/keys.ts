import { z } from "zod";
import { ROLES } from "../../vocabulary/caller.ts";
import { OPERATIONS } from "../../vocabulary/service.ts";
import { budgets, rateLimits } from "./bounds.ts";
import { flag, moment, oneOf, text, texts } from "./fields.ts";
import { section } from "./sections.ts";

/** One of `keys`. */
export const key = section({
  name: text().describe("What it is called in logs and lists."),
  description: text().optional().describe("What it is for, in your own words."),
  key: text().describe("The key itself; best as ${NAME}. Stored hashed; a changed value replaces the old one."),
  role: oneOf(ROLES)
    .default("member")
    .describe("What it may do: read-only sees its own, member calls models, operator runs the gateway, admin says who may what."),
  user_id: text().optional().describe("Whose it is: the id of a user. Left out: the house's."),
  team_id: text().optional().describe("The team it asks for. Left out: the only one its user is in."),
  source: text().optional().describe("Where it is used: webui, n8n."),
  models: texts().optional().describe("Models it may use, by name or pattern; left out: all."),
  routes: z
    .array(oneOf(OPERATIONS), { error: `expected a list of ${OPERATIONS.join(", ")}.` })
    .optional()
    .describe("What may be asked with it: chat, embeddings, …; left out: everything."),
  budgets: budgets.optional().describe("How much it may spend."),
  local_only: flag().prefault(false).describe("Never served by a cloud service, not even as a fallback."),
  expires_at: moment().optional().describe("When it ends: a date or a time in ISO 8601."),
  vouches: flag()
    .prefault(false)
    .describe("Is it believed when it says for whom it asks, by Open WebUI's headers and the like? Only for programs that check who their users are."),
  limits: rateLimits.optional().describe("Limits of its own, each in the place of the same field of limits.per_key."),
  strict: flag().prefault(false).describe("Refuse a request whose tuning the model does not know, instead of answering without it and saying so in a header."),
});
