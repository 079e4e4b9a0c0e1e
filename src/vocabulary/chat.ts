import type { DialectName } from "./dialect.ts";
import type { JsonObject } from "./json.ts";

/** A conversation and what to do with it, in no provider's words. Every inbound face reads into it, every outbound face writes from it. */
export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly Message[];
  readonly tools: readonly Tool[];
  readonly toolChoice?: ToolChoice;
  /** `false`: at most one tool call per turn. */
  readonly parallelTools?: boolean;
  /** Upper bound of generated tokens, reasoning included. */
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly minP?: number;
  readonly seed?: number;
  readonly presencePenalty?: number;
  readonly frequencyPenalty?: number;
  readonly logitBias?: JsonObject;
  readonly stop: readonly string[];
  /** How many alternative answers: OpenAI's `n`. */
  readonly choices: number;
  /** Log probabilities wanted, with this many alternatives per token. */
  readonly logprobs?: { readonly top: number };
  readonly format?: AnswerFormat;
  /** The one user text is no turn of a conversation: it is to be continued as it stands, up to where the suffix begins. */
  readonly completion?: { readonly suffix?: string };
  readonly reasoning?: Reasoning;
  readonly stream: boolean;
  /** The end user as the client names them. */
  readonly user?: string;
  /** OpenAI's `prompt_cache_key`. */
  readonly cacheKey?: string;
  readonly serviceTier?: string;
  readonly verbosity?: string;
  /** Output modalities other than text, such as `audio` or `image`. */
  readonly modalities?: readonly string[];
  /** OpenAI's `audio` options: voice and format. */
  readonly audio?: JsonObject;
  readonly metadata?: JsonObject;
  /** Top-level fields this gateway has no word for; they reach upstreams of the same dialect, or one of its kin, only. */
  readonly extras: JsonObject;
  /** The dialect the client spoke: whose words the extras are. Absent: nobody's, and they go nowhere. */
  readonly origin?: DialectName;
  /** What reading left out, since there is no word for it here, one sentence each: for `x-signalbox-warnings`. No writer looks at them. */
  readonly warnings?: readonly string[];
}

export type Message =
  | { readonly role: "system"; readonly parts: readonly TextPart[]; readonly developer?: boolean }
  | { readonly role: "user"; readonly parts: readonly UserPart[]; readonly name?: string }
  | { readonly role: "assistant"; readonly parts: readonly AssistantPart[]; readonly name?: string }
  | { readonly role: "tool"; readonly callId: string; readonly toolName?: string; readonly parts: readonly UserPart[]; readonly failed?: boolean };

/** Anthropic's `cache_control`: this part ends a cacheable prefix. */
export interface CacheMark {
  readonly ttl?: "5m" | "1h";
}
export interface TextPart {
  readonly type: "text";
  readonly text: string;
  readonly cache?: CacheMark;
  readonly signature?: string;
}
export interface ImagePart {
  readonly type: "image";
  readonly media: Media;
  readonly detail?: string;
  readonly cache?: CacheMark;
  /** The proof a model put on a picture it made. */
  readonly signature?: string;
}
export interface AudioPart {
  readonly type: "audio";
  readonly media: Media;
}
export interface VideoPart {
  readonly type: "video";
  readonly media: Media;
}
export interface FilePart {
  readonly type: "file";
  readonly media: Media;
  readonly filename?: string;
  readonly cache?: CacheMark;
}
export type UserPart = TextPart | ImagePart | AudioPart | VideoPart | FilePart;

/** A model's reasoning. `signature` is the provider's proof; only the model family that made it may see it again. */
export interface ThinkingPart {
  readonly type: "thinking";
  readonly text: string;
  readonly signature?: string;
  readonly redacted?: string;
}
export interface ToolCallPart {
  readonly type: "tool-call";
  readonly id: string;
  readonly name: string /** JSON text, as the model wrote it. */;
  readonly arguments: string;
  readonly signature?: string;
  readonly cache?: CacheMark;
}
export interface RefusalPart {
  readonly type: "refusal";
  readonly text: string;
}
export type AssistantPart = TextPart | ThinkingPart | ToolCallPart | RefusalPart | ImagePart;

export type Media =
  | { readonly kind: "bytes" /** Lower case, without parameters: `image/jpeg`. */; readonly mime: string; readonly base64: string }
  | { readonly kind: "url"; readonly url: string; readonly mime?: string }
  | { readonly kind: "stored" /** A file id at the provider. */; readonly id: string };

export interface Tool {
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of the arguments; absent for a tool without parameters. */
  readonly parameters?: JsonObject;
  readonly strict?: boolean;
  readonly cache?: CacheMark;
}

export type ToolChoice =
  | { readonly type: "auto" | "none" | "required" }
  | { readonly type: "tool"; readonly name: string }
  | { readonly type: "some"; readonly mode: "auto" | "required"; readonly names: readonly string[] };

export type AnswerFormat =
  | { readonly type: "text" }
  | { readonly type: "json" }
  | { readonly type: "json-schema"; readonly name: string; readonly schema: JsonObject; readonly strict?: boolean; readonly description?: string };

export type Effort = "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max";

export interface Reasoning {
  readonly effort?: Effort;
  /** Tokens the model may think for; 0 is off, -1 is the model's choice. */
  readonly budget?: number;
  /** Should the thinking be shown? */
  readonly show?: boolean;
}
