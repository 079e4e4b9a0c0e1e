import type { ReplayableBody } from "../../upstream/client.ts";
import type { Role } from "../../vocabulary/caller.ts";
import type { FailureFace } from "../../vocabulary/dialect.ts";
import type { JsonObject } from "../../vocabulary/json.ts";
import type { Visit } from "./visit.ts";

/** A file in a form. */
export interface FormFile {
  /** As its client calls it; empty where it does not. */
  readonly filename: string;
  chunks(): AsyncIterable<Uint8Array>;
}

/** How large a form may be that may be larger than others, and where its operator says so. */
export interface FormCap {
  readonly bytes: number;
  readonly setting: string;
}

/** Fields of forms that are read here. */
export type FormField = "model" | "stream" | "purpose" | "expires_after[anchor]" | "expires_after[seconds]";

/** A multipart body, on the disk until its visit is settled. */
export interface SpooledForm {
  /** With its boundary. */
  readonly contentType: string;
  /** Bytes. */
  readonly size: number;
  /** The text of this field; the last, where there are several. */
  field(name: FormField): string | undefined;
  /** The file of this name; `undefined` where there is none. Throws `invalid-request` where there are several. */
  file(name: string): FormFile | undefined;
  /** The body for an upstream that calls the model so: every byte but those of the name is the client's. */
  withModel(model: string): ReplayableBody;
}

/** One HTTP request as the story sees it. */
export interface Exchange {
  readonly visit: Visit;
  readonly headers: Headers;
  /** The query, without its question mark. */
  readonly search: string;
  /** What the route's pattern matched: the model's id in `/v1/models/{id}`. */
  readonly rest: string;
  /** The client's address, as the socket knows it; empty on a Unix socket. */
  address(): string;
  /** The body as text. Throws `too-large`, `overloaded`, `invalid-request` (no UTF-8) or `client-left`. */
  body(): Promise<string>;
  /** The body as multipart/form-data, within a cap of its own where it has one. Throws likewise. */
  form(cap?: FormCap): Promise<SpooledForm>;
}

/** One HTTP answer: a whole body, or bytes as they come. */
export interface Reply {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string | AsyncIterable<Uint8Array>;
  /** `Set-Cookie` lines. */
  readonly cookies?: readonly string[];
  /** What management has changed, for the audit log; never sent. */
  readonly change?: Change;
}

/** What was changed, and how: in management's own words, and never a secret. */
export interface Change {
  /** `key`, `user`, `team`. */
  readonly kind: string;
  readonly id: string;
  readonly before?: JsonObject;
  readonly after?: JsonObject;
}

export function jsonReply(value: unknown, status = 200, headers: Record<string, string> = {}): Reply {
  return { status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(value) };
}

export type Handle = (exchange: Exchange) => Promise<Reply> | Reply;

/** Who may call a route: anyone; whoever comes from a trusted network, and operators; callers who have this role or more. */
export type Admits = "anyone" | "trusted" | Role;

/** A method and path, who may call them, and who answers. A path ending in `/*` takes any rest, slashes included. */
export interface Route {
  readonly method: string;
  readonly path: string;
  readonly admits: Admits;
  /** What it does that the audit log is told: `key.create`. Everything that manages has one. */
  readonly action?: string;
  readonly handle: Handle;
  /** In whose words its failures are written; absent: OpenAI's. */
  readonly face?: FailureFace;
  /** Its clients may give their key in the query, as `key`. On all other routes the query is read as if no key stood in it. */
  readonly keyInQuery?: boolean;
}
