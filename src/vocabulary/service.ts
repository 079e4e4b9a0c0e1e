import type { DialectName } from "./dialect.ts";
import type { Profile } from "./profile.ts";

/** What a client can ask of a model. */
export type Operation = "chat" | "count-tokens" | "completions" | "embeddings" | RelayOperation;

/** What is passed on as it is, in the one shape that clients and services share: only the model's name is changed on the way. */
export type RelayOperation = "rerank" | "moderations" | "images" | "image-edits" | "transcriptions" | "translations" | "speech";

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
  /** Sent with every call: authorisation and what else it insists on. */
  readonly headers: Readonly<Record<string, string>>;
  /** What of them nobody else may read, as it may turn up in an upstream's words: the key, and values the operator gave. */
  readonly secrets: readonly string[];
  readonly routes: Routes;
}

/** A model at a service: the thing that is called. */
export interface Deployment {
  /** `service/model`, unique in a snapshot. */
  readonly id: string;
  readonly service: Service;
  /** The model as the service calls it. */
  readonly model: string;
  readonly profile: Profile;
  readonly weight: number;
  readonly tags: readonly string[];
  /** The most inputs it embeds in one call; absent: no bound. */
  readonly maxBatch?: number;
}

/** A deployment about to be tried, and why. */
export interface Target {
  readonly deployment: Deployment;
  readonly route: Route;
  readonly why: string;
}
