import type { BatchDesk } from "../batches/desk.ts";
import type { FileDesk } from "../batches/files/file-desk.ts";
import type { AnswerCache } from "../cache/cache.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { RateLimiter } from "../limits/rates/limiter.ts";
import type { Mishap, Routing } from "../routing/routing.ts";
import type { UpstreamClient } from "../upstream/client.ts";
import type { MediaFetcher } from "../upstream/media/fetch-media.ts";
import type { Behalf, Caller } from "../vocabulary/caller.ts";
import type { Deployment } from "../vocabulary/deployment.ts";
import type { KeptResponse } from "../vocabulary/kept-response.ts";
import type { Model } from "../vocabulary/model.ts";
import type { SignatureMemory } from "./asking/signatures.ts";
import type { Hedges } from "./attempts/hedges.ts";
import type { Unfinished } from "./billing/payable.ts";
import type { Exchange } from "./visit/exchange.ts";
import type { Pulse } from "./visit/pulse.ts";

/** A public model as clients know it. */
export interface PublicModel {
  readonly id: string;
  readonly ownedBy: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly aliasOf?: string;
  /** When it can be called next, where that is not now. Milliseconds since 1970. */
  readonly availableFrom?: number;
}

/** What one request may cost in time and tries. Durations are milliseconds. */
export interface AttemptPolicy {
  readonly attempts: number;
  /** Shortest and longest wait before the same deployment is tried again. */
  readonly backoff: readonly [number, number];
  readonly holdStatus: number;
  readonly connect: number;
  readonly firstToken: number;
  readonly idle: number;
  readonly total: number;
  /** A quiet stream gets a comment this often. */
  readonly comment: number;
  /** Are citations stripped from answers? */
  readonly removeSources: boolean;
}

/** What the story asks of the parts. Main puts the parts in their places. */
export interface Signalbox {
  readonly access: {
    /** Who is asking. Throws `invalid-key`. */
    identify(headers: Headers, search: string): Caller | Promise<Caller>;
    /** On whose behalf, by a caller who vouches for others. Throws `invalid-key` for a signature that is none. */
    behalf(headers: Headers): Behalf | Promise<Behalf>;
    /** The caller as the user it vouches for, where that is one of ours. Throws `invalid-key` for one who is blocked. */
    attributed(caller: Caller, behalf: Behalf): Caller | Promise<Caller>;
    /** Where the client is: its address behind trusted proxies, of an IPv6 one its network; empty on a Unix socket. */
    networkOf(exchange: Pick<Exchange, "address" | "headers">): string;
  };
  /** Not too fast, and not too much; absent where nothing ever is. */
  readonly limits?: RateLimiter;
  readonly catalog: {
    /** Throws `model-not-found`, or `invalid-request` when no model is named and there is no default. */
    find(name: string, caller: Caller): Promise<Model> | Model;
    /** The same array as long as nothing changes. `all`: also those that cannot be called at this hour. */
    list(caller: Caller, all?: boolean): Promise<readonly PublicModel[]>;
    /** One of them, listed or not. Throws like `find`. */
    describe(name: string, caller: Caller): Promise<PublicModel>;
    /** A deployment in force, by its id. */
    deployment(id: string): Deployment | undefined;
    /** What is tried instead of a model. */
    instead(model: Model, of: Mishap): readonly Model[];
  };
  readonly routing: Routing;
  /** Engines of ours; absent: there are none. */
  readonly fleet?: Pick<Fleet, "enter" | "outlook" | "engines">;
  /** Which requests may be asked twice at once. */
  readonly hedges: Hedges;
  readonly upstream: UpstreamClient;
  readonly pulse: Pulse;
  readonly signatures: SignatureMemory;
  /** Fetches images and files by URL for upstreams that need bytes; absent while the operator does not allow it. */
  readonly media?: MediaFetcher;
  /** Answers kept for clients of the Responses API; absent while none are to be kept. */
  readonly responses?: ResponseMemory;
  /** Files that clients leave here, and batches made of them; absent where there are to be none. */
  readonly files?: FileDesk;
  readonly batches?: BatchDesk;
  /** Answers given before; absent where there are to be none. */
  readonly cache?: AnswerCache;
  readonly ledger: Pick<Ledger, "counts" | "reserve">;
  policy(): AttemptPolicy;
  billing(): BillingPolicy;
}

/** How requests are paid for. */
export interface BillingPolicy {
  /** Tokens of an answer whose length its client does not bound, as they are set aside for at first. */
  readonly assumedOutput: number;
  readonly unfinished: Unfinished;
  readonly unpriced: "allow" | "deny";
  /** Of what an answer would have cost, so many hundredths are charged when it is given again. */
  readonly cacheHits: number;
}

/** What is kept of responses, each for its owner alone. Every promise rejects with `overloaded` while what is kept cannot be read. */
export interface ResponseMemory {
  /** Never waits, and never fails the answer it is about. */
  keep(response: Omit<KeptResponse, "createdAt" | "expiresAt">): void;
  find(id: string, owner: string): Promise<KeptResponse | undefined>;
  /** The response and all it goes on from, oldest first; empty when any of them is gone. Throws `too-large`. */
  conversation(id: string, owner: string): Promise<readonly KeptResponse[]>;
  /** Items of kept responses as JSON text, by their ids. Throws `too-large`. */
  items(ids: readonly string[], owner: string): Promise<ReadonlyMap<string, string>>;
  /** Is any of these, responses or their items, another owner's? */
  anyOfOthers(ids: readonly string[], owner: string): Promise<boolean>;
  remove(id: string, owner: string): Promise<boolean>;
}
