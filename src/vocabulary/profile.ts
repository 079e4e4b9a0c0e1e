import type { Effort } from "./chat.ts";
import type { DialectName } from "./dialect.ts";

/**
 * The quirks of a model at a provider, as data: provider ⊕ model family ⊕ operator override, merged when config loads.
 * Nothing else in the gateway looks at a model's name.
 */
export interface Profile {
  /** The only dialect it can be asked for a chat in, of those its service speaks; absent: the best for each client. */
  readonly dialect?: DialectName;
  /** Which of its service's dialects it is asked in by clients who speak none of them; absent: the first. */
  readonly translatedTo?: DialectName;
  /** Usage in streams: `ask` for it, it `always` comes, it `never` does. */
  readonly streamUsage: "ask" | "always" | "never";
  /** Top-level fields this upstream rejects; dropped with a warning. */
  readonly drop: readonly string[];
  /** Top-level fields it knows by another name; of a Responses body none is. */
  readonly rename: Readonly<Record<string, string>>;
  /** `false`: knows no `developer` role, gets `system`. */
  readonly developerRole: boolean;
  /** May sampling be tuned? `fixed` models reject temperature, top_p and top_k. */
  readonly sampling: "free" | "fixed";
  readonly maxTemperature: number;
  /** How it is told to think. */
  readonly thinking: "none" | "effort" | "adaptive" | "budget" | "level";
  /** The efforts it knows, the least first, where it does not know all its dialect does; others become the nearest. Empty: it thinks as it sees fit. */
  readonly efforts?: readonly Exclude<Effort, "none">[];
  /** Can thinking be turned off altogether? */
  readonly thinkingOff: boolean;
  /** The most it generates in one answer, reasoning included; more is clamped. */
  readonly maxOutput?: number;
  /** Sent when the client gives no bound and the upstream needs one. */
  readonly defaultMaxTokens: number;
  /** May the last message be the assistant's, to be continued? */
  readonly prefill: boolean;
  /** Does it take system messages after the conversation began, as such? Absent: those of other dialects are written as the user's text. */
  readonly midSystem?: boolean;
  /** Does it fetch images by URL itself? */
  readonly imageUrls: boolean;
  /** Does it take images inside tool results? */
  readonly toolResultImages: boolean;
  /** Does it know `prompt_cache_key`? Absent: it is sent to clients' order only, not made from the session of a client whose dialect has no such word. */
  readonly cacheKey?: boolean;
  /** Are prompts marked for its own cache where their client has not marked them? Only the operator can say that this pays. */
  readonly promptCache?: boolean;
  /** Most stop sequences it takes; further ones are dropped with a warning. */
  readonly maxStops: number;
  /** Whose signatures it accepts back: two deployments of one family share them. */
  readonly family: string;
  /** It is run by others, even where its service runs on the operator's own machines. */
  readonly remote?: boolean;
  /** Milliseconds; absent: the gateway's own. */
  readonly deadlines: { readonly firstToken?: number; readonly idle?: number; readonly total?: number };
}

/** An OpenAI-compatible upstream nobody has written quirks for. */
export const PLAIN_PROFILE: Profile = {
  streamUsage: "ask",
  drop: [],
  rename: {},
  developerRole: true,
  sampling: "free",
  maxTemperature: 2,
  thinking: "effort",
  thinkingOff: true,
  defaultMaxTokens: 4096,
  prefill: true,
  imageUrls: true,
  toolResultImages: false,
  maxStops: 4,
  family: "",
  deadlines: {},
};

/** Later parts override earlier ones; `drop`, `rename` and `deadlines` add up. */
export function mergeProfiles(...parts: readonly Partial<Profile>[]): Profile {
  let merged = PLAIN_PROFILE;
  for (const part of parts) {
    merged = {
      ...merged,
      ...part,
      drop: [...merged.drop, ...(part.drop ?? [])],
      rename: { ...merged.rename, ...part.rename },
      deadlines: { ...merged.deadlines, ...part.deadlines },
    };
  }
  return merged;
}
