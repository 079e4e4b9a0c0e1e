import type { Recording } from "../../recordings/recordings.ts";
import type { Lane } from "./lane.ts";
import { ANTHROPIC_LANES } from "./lanes/anthropic.ts";
import { EMBEDDING_LANES } from "./lanes/embeddings.ts";
import { GEMINI_LANES } from "./lanes/gemini.ts";
import { OLLAMA_LANES } from "./lanes/ollama.ts";
import { OPENAI_LANES } from "./lanes/openai.ts";
import { RELAY_LANES } from "./lanes/relays.ts";

/** Every API we serve, to clients of its own dialect; vectors to OpenAI's clients too. What others are told is in `told.ts`. */
export const OWN_LANES: readonly Lane[] = [...OPENAI_LANES, ...ANTHROPIC_LANES, ...GEMINI_LANES, ...OLLAMA_LANES, ...EMBEDDING_LANES, ...RELAY_LANES];

/** Is there a way for it? */
export const isPlayed = (recording: Recording): boolean => OWN_LANES.some((lane) => lane.takes(recording));
