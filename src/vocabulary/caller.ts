import type { Bounds } from "./bounds.ts";

/**
 * What a caller may do, each more than the one before: see what operators see of their own; use models; run the gateway and see everything;
 * change who may what, and money.
 */
export const ROLES = ["read-only", "member", "operator", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** Who is asking. */
export interface Caller {
  readonly keyId: string;
  readonly keyName: string;
  readonly userId?: string;
  /** The team it asks for. */
  readonly teamId?: string;
  /** Where the key is used, as its maker said: `webui`, `n8n`. */
  readonly source?: string;
  readonly role: Role;
  /** Public model names this key may use; absent: all. */
  readonly models?: readonly string[];
  /** Operations this key may call; absent: all. */
  readonly routes?: readonly string[];
  /** Believed when it says on whose behalf it asks: a chat interface with users of its own. */
  readonly vouches?: boolean;
  /** Would rather be refused than answered without a knob it turned. */
  readonly strict?: boolean;
  /** Never to be served by a cloud service. */
  readonly localOnly?: boolean;
  /** What limits and budgets bind it, of its key, its user and its team; absent: none. */
  readonly bounds?: readonly Bounds[];
}

/** Has the caller this role, or more than it? */
export function hasRole(caller: Pick<Caller, "role">, least: Role): boolean {
  return ROLES.indexOf(caller.role) >= ROLES.indexOf(least);
}

/** On whose behalf a caller that vouches for others asks. */
export interface Behalf {
  /** The end user, by the caller's own id for them, else their e-mail address. */
  readonly endUser?: string;
  /** The conversation or session, by the client's own id for it. */
  readonly session?: string;
  /** The end user's e-mail address, where the caller gives it beside their id. */
  readonly email?: string;
}
