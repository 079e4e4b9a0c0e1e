import type { Profile } from "../vocabulary/profile.ts";
import type { Route, Routes } from "../vocabulary/service.ts";

/** What an operator may say about where a service is. */
export interface Whereabouts {
  readonly baseUrl?: string;
  /** Azure: the resource's name, instead of a base URL. */
  readonly resource?: string;
  /** Azure: `2024-10-21`, `preview`. */
  readonly apiVersion?: string;
  /** Azure: call `/openai/deployments/{model}/…` as older resources want it. */
  readonly deploymentPaths?: boolean;
}

/** The quirks of models whose name matches; the service's own words before it (`models/`, `openai/`) are part of the name. */
export interface Family {
  readonly match: RegExp;
  readonly profile: Partial<Profile>;
}

/** A kind of service: where it is, who may call it, which dialect it speaks at which path, and its quirks. Data only. */
export interface Provider {
  readonly kind: string;
  /** As its makers write it. */
  readonly title: string;
  /** Absent: the operator says where. Without a trailing slash. */
  readonly baseUrl?: string;
  /** Appended to a base URL that names no version: when it has no path at all (`bare`), or whatever its path (`unversioned`). */
  readonly version?: { readonly path: string; readonly when: "bare" | "unversioned" };
  /** Endings of a base URL people copy from elsewhere, which the routes below already hold. */
  readonly strip?: readonly string[];
  /** Environment names of its key; the first that is set counts. */
  readonly keyVariables: readonly string[];
  readonly baseUrlVariables: readonly string[];
  readonly keyRequired: boolean;
  /** Asked at start even when nothing in the environment speaks of it. */
  readonly probeUrl?: string;
  authorize(key: string): Readonly<Record<string, string>>;
  /** Sent with every call besides the authorisation. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly routes: Routes;
  /** For services whose address or paths depend on more than a base URL. */
  locate?(at: Whereabouts): { readonly baseUrl?: string; readonly routes: Routes };
  /** Where it lists its models, below the base URL; absent: it does not list what can be called. */
  readonly listing?: {
    readonly path: string;
    /** Model ids from its answer, in its order; empty when there are none to read. */
    read(json: unknown): readonly string[];
  };
  /** How LiteLLM's config files speak of it. */
  readonly litellm?: {
    /** What stands before its models' names: `together_ai/…`. */
    readonly names: readonly string[];
    /** Models of it that stand there without any. */
    readonly bare?: RegExp;
  };
  /** Where it says whether it lives, as a link from the base URL, when that is better than its listing: `../health`. */
  readonly health?: string;
  /** What people run themselves. */
  readonly selfHosted?: boolean;
  /** Wherever it is, it is the operator's own; `false` of a host: there its makers run it for others. Absent: its address tells. */
  readonly isOwnAt?: (host: string) => boolean;
  readonly profile: Partial<Profile>;
  /** All that match are merged, in this order. */
  readonly families: readonly Family[];
  /** Well-known models, offered only when listing them fails. */
  readonly knownModels: readonly string[];
}

/** The usual authorisation. */
export function bearer(key: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${key}` };
}

/** The three routes of an OpenAI-compatible service below its `/v1`. */
export const OPENAI_ROUTES = {
  chat: [{ dialect: "openai-chat", path: "/chat/completions" }],
  completions: [{ dialect: "openai-completions", path: "/completions" }],
  embeddings: [{ dialect: "openai-embeddings", path: "/embeddings" }],
} as const satisfies Routes;

/** Where those that speak the Responses API too do so. */
export const RESPONSES_ROUTE = { dialect: "openai-responses", path: "/responses" } as const satisfies Route;
