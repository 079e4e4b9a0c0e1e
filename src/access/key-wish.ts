import type { KeyRow } from "../store/keys/key-row.ts";
import { hashOf, mintId, shownOf } from "./mint.ts";

/** What may be said of a key, when it is made and afterwards. */
export type KeyFact =
  | "description"
  | "role"
  | "userId"
  | "teamId"
  | "source"
  | "models"
  | "routes"
  | "limits"
  | "budgets"
  | "localOnly"
  | "vouches"
  | "strict"
  | "expiresAt";

/** A key to be made. */
export interface KeyWish extends Partial<Pick<KeyRow, KeyFact>> {
  readonly name: string;
  /** An own string instead of a minted one. */
  readonly key?: string;
}

/** What of a key the wish for it says, in full. */
export function factsOf({ key: _value, ...wish }: KeyWish) {
  return { ...wish, role: wish.role ?? "member", localOnly: wish.localOnly ?? false, vouches: wish.vouches ?? false, strict: wish.strict ?? false };
}

/** The row of a key of this value, new at this time. */
export function keyFor(value: string, wish: KeyWish, origin: string, createdAt: number): KeyRow {
  return { ...factsOf(wish), id: mintId("key"), hash: hashOf(value), shown: shownOf(value), origin, createdAt };
}
