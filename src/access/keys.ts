import type { KeyChanges, KeyListing } from "../store/keys/key-queries.ts";
import type { KeyRow } from "../store/keys/key-row.ts";
import type { KeyStore } from "../store/keys/keys.ts";
import type { Page } from "../store/pages.ts";
import type { Sightings } from "../store/sightings.ts";
import type { TeamStore } from "../store/teams/teams.ts";
import type { UserStore } from "../store/users/users.ts";
import type { Caller } from "../vocabulary/caller.ts";
import type { Changed } from "../vocabulary/changes.ts";
import { type Clock, systemClock } from "../vocabulary/clock.ts";
import { Failure, invalidRequest } from "../vocabulary/failure.ts";
import { callerOf, refusalOf } from "./caller-of.ts";
import { createDeclaredKeys, type DeclaredKeys, isDeclared } from "./declared-keys.ts";
import { type KeyFact, type KeyWish, keyFor } from "./key-wish.ts";
import { checkOwnKey, hashOf, mintKey, shownOf, warningAbout } from "./mint.ts";

/** A key just made or rotated: the only time its plain text is told. */
export interface NewKey {
  readonly row: KeyRow;
  readonly key: string;
  readonly warnings: readonly string[];
}

/** How a key gets a new value. */
export interface Rotation {
  /** An own string instead of a minted one. */
  readonly key?: string;
  /** Milliseconds for which the value it had may still be used. */
  readonly overlap: number;
}

/** What of a key its operator may change: `null` takes a fact away. */
export type KeyEdit = Pick<KeyChanges, "name" | KeyFact> & { readonly blocked?: boolean };

/** `not-found` is thrown for an id that is none, and `invalid-request` for a key that the file or the environment declares. */
export interface Keys extends DeclaredKeys {
  /** Makes a key. Throws `invalid-request` for an own key that cannot travel or is taken, and for a user or team that is not there. */
  create(wish: KeyWish): Promise<NewKey>;
  list(listing: KeyListing): Promise<Page<KeyRow>>;
  find(id: string): Promise<KeyRow>;
  /** Who asks with the key of this id, or why nobody may with it any more. */
  bearer(id: string): Promise<Caller | Failure>;
  change(id: string, edit: KeyEdit): Promise<Changed<KeyRow>>;
  /** A new value at once; the one it has may be used for a while yet. The value before that ends now. */
  rotate(id: string, rotation: Rotation): Promise<NewKey & { readonly before: KeyRow }>;
  /** Revokes at once, for good. Throws `not-found` also when it is revoked already. */
  revoke(id: string): Promise<void>;
}

export interface KeysParts {
  readonly book: Omit<KeyStore, keyof Sightings>;
  readonly users: Pick<UserStore, "find">;
  readonly teams: Pick<TeamStore, "find" | "of">;
  /** Told of every key that was made, changed or revoked. */
  readonly forget: (keyId: string) => void;
  readonly clock?: Clock;
}

/** The keys of this Signalbox, and how they come and go. */
export function createKeys({ book, users, teams, forget, clock = systemClock }: KeysParts): Keys {
  const find = async (id: string): Promise<KeyRow> => {
    const row = await book.find(id);
    if (row === undefined) throw new Failure("not-found", `There is no key ${id}.`);
    return row;
  };
  /** One that may be changed here. */
  const ours = async (id: string): Promise<KeyRow> => {
    const row = await find(id);
    if (row.revokedAt !== undefined) throw new Failure("not-found", `There is no living key ${id}.`);
    if (isDeclared(row.origin))
      throw invalidRequest("id", `This key is declared in ${row.origin.replace(":", " ")}: change or remove it there and reload, or it would be as it was.`);
    return row;
  };
  const checkOwners = async ({ userId, teamId }: Pick<KeyRow, "userId" | "teamId">): Promise<void> => {
    if (userId !== undefined && (await users.find(userId)) === undefined) throw invalidRequest("user_id", `There is no user ${userId}.`);
    if (teamId === undefined) return;
    if ((await teams.find(teamId)) === undefined) throw invalidRequest("team_id", `There is no team ${teamId}.`);
    if (userId !== undefined && !(await teams.of(userId)).includes(teamId))
      throw invalidRequest("team_id", `The user ${userId} is not in the team ${teamId}. Add them first: PUT /admin/teams/${teamId}/members/${userId}.`);
  };
  const valueFor = async (own: string | undefined): Promise<{ key: string; warnings: string[] }> => {
    if (own === undefined) return { key: mintKey(), warnings: [] };
    checkOwnKey(own);
    if (await book.findByHash(hashOf(own))) throw invalidRequest("key", "This key is or was in use. Choose another, or leave `key` out and one is made.");
    const warning = warningAbout(own);
    return { key: own, warnings: warning === undefined ? [] : [warning] };
  };

  return {
    ...createDeclaredKeys({ book, forget, clock }),
    async create(wish) {
      await checkOwners(wish);
      const { key, warnings } = await valueFor(wish.key);
      const row = keyFor(key, wish, "api", clock.now());
      await book.insert(row);
      forget(row.id);
      return { row, key, warnings };
    },
    list: (listing) => book.list(listing),
    find,
    async bearer(id) {
      const holder = await book.holder(id);
      if (holder === undefined) throw new Failure("not-found", `There is no key ${id}.`);
      return refusalOf(holder, clock.now()) ?? callerOf(holder);
    },
    async change(id, { blocked, ...edit }) {
      const row = await ours(id);
      if (edit.userId !== undefined || edit.teamId !== undefined)
        await checkOwners({
          userId: edit.userId === undefined ? row.userId : (edit.userId ?? undefined),
          teamId: edit.teamId === undefined ? row.teamId : (edit.teamId ?? undefined),
        });
      const blockedAt = blocked === undefined ? undefined : blocked ? (row.blockedAt ?? clock.now()) : null;
      const changed = await book.change(id, { ...edit, blockedAt });
      forget(id);
      return changed ?? { before: row, after: row };
    },
    async rotate(id, { key: own, overlap }) {
      const before = await ours(id);
      const { key, warnings } = await valueFor(own);
      const values = { hash: hashOf(key), shown: shownOf(key), formerHash: before.hash, formerUntil: clock.now() + overlap };
      const changed = await book.change(id, values);
      forget(id);
      return { row: changed?.after ?? before, before, key, warnings };
    },
    async revoke(id) {
      await ours(id);
      await book.revoke(id, clock.now());
      forget(id);
    },
  };
}
