import { amount, duration, flag, oneOf, text, wholeNumber } from "./fields.ts";
import { section } from "./sections.ts";

const semantic = section({
  mode: oneOf(["off", "shadow", "on"])
    .default("off")
    .describe("on: answers to nearly the same question are given again. shadow: they are only compared, to see how often that would be wrong."),
  embedding_model: text().optional().describe("The model, of those under models, whose vectors tell how near two questions are."),
  models: text("a list").array().default([]).describe("The models it is on for."),
  similarity: amount().prefault(0.97).describe("How near: 1 is the same."),
  max_entries: wholeNumber(1, 1_000_000).prefault(10_000).describe("Most questions remembered."),
});

/** `cache`. */
export const cache = section({
  enabled: flag().prefault(false).describe("Give an answer again to the same request of the same caller."),
  ttl: duration().prefault("1h").describe("How long an answer is kept."),
  max_mb: wholeNumber(1, 1_000_000).prefault(64).describe("Most megabytes of answers kept in memory; what was unused for longest goes first."),
  store: oneOf(["memory", "redis"]).default("memory").describe("Where they are kept."),
  share_in_flight: flag().prefault(false).describe("Identical requests at the same time share one call to the upstream."),
  semantic: semantic.prefault({}).describe("Answers to nearly the same question."),
});
