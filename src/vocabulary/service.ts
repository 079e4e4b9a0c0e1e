import type { DialectName } from "./dialect.ts";

const RELAY_OPERATIONS = ["rerank", "moderations", "images", "image-edits", "transcriptions", "translations", "speech"] as const;

/** What a client can ask of a model. */
export const OPERATIONS = ["chat", "count-tokens", "completions", "embeddings", ...RELAY_OPERATIONS] as const;
export type Operation = (typeof OPERATIONS)[number];

/** What is passed on as it is, in the one shape that clients and services share: only the model's name is changed on the way. */
export type RelayOperation = (typeof RELAY_OPERATIONS)[number];

/** The ways a service can be asked for each: the first unless the client speaks the dialect of another. */
export type Routes = Readonly<Partial<Record<Operation, readonly Route[]>>>;

/** Which dialect a service speaks at which path, below its base URL. `{model}` stands for the URL-encoded model. */
export interface Route {
  readonly dialect: DialectName;
  readonly path: string;
  /** Where streams are asked for, when not at `path`. */
  readonly streamPath?: string;
}

/** A provider in force: where, who, which dialect. */
export interface Service {
  /** Its name in the config: `openai`, `gpu-box`. */
  readonly name: string;
  readonly kind: string;
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** One at least: a service that wants none has one without a name. */
  readonly keys: readonly [ServiceKey, ...ServiceKey[]];
  /** What of its headers nobody else may read, as it may turn up in an upstream's words: keys, and values the operator gave. */
  readonly secrets: readonly string[];
  readonly routes: Routes;
  /** Does it run on the operator's own machines? Absent: in somebody's cloud. */
  readonly local?: boolean;
  /** How to see at no cost whether it lives; absent: it has nothing to be asked for. */
  readonly check?: ServiceCheck;
}

/** A page of a service that costs nothing to ask for. */
export interface ServiceCheck {
  readonly url: string;
  /** The operator's own, so that nobody minds its being asked often. */
  readonly own: boolean;
}

/** One of the keys an operator has for a service. */
export interface ServiceKey {
  /** Which of them, as traces tell: `key 2`; empty for the only one. */
  readonly name: string;
  /** Sent with every call: authorisation and what else the service insists on. */
  readonly headers: Readonly<Record<string, string>>;
}
