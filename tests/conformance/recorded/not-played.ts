/** APIs of which recordings are left out, and why. Everything else must be played. */
export const NOT_PLAYED: Readonly<Record<string, string>> = {
  anthropic_batches: "Batches are not served.",
  anthropic_complete: "Anthropic's old text completions are not served.",
  batches: "Batches are not served.",
  cohere_chat: "Cohere's own chat is not spoken.",
  cohere_embed: "Cohere's own embeddings are not spoken.",
  conversations: "Conversations kept by a provider are not served.",
  files: "Files kept by a provider are not served.",
  gemini_cached_contents: "Prompts cached by name are not served.",
  gemini_interactions: "Google's interactions are not served.",
  models: "Lists are read by discovery: models.test.ts.",
  ollama_ps: "We answer it ourselves, from our own catalog.",
  ollama_show: "The same.",
  responses:
    "Questions about kept responses (we answer them ourselves), compacting (not served), and two that say nothing: one made up without types, one kept as compressed bytes.",
};
