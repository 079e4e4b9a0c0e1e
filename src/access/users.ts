import type { Page } from "../store/pages.ts";
import type { Sightings } from "../store/sightings.ts";
import type { UserChanges, UserListing } from "../store/users/user-queries.ts";
import type { UserRow } from "../store/users/user-row.ts";
import type { UserStore } from "../store/users/users.ts";
import type { Changed } from "../vocabulary/changes.ts";
import { type Clock, systemClock } from "../vocabulary/clock.ts";
import { Failure, invalidRequest } from "../vocabulary/failure.ts";
import type { Nano } from "../vocabulary/money.ts";
import { mintId } from "./mint.ts";

/** Who says who users are that were made here. */
export const LOCAL = "local";

/** A user to be made. */
export interface NewUser extends Partial<Pick<UserRow, "id" | "issuer" | "subject" | "email" | "name" | "role" | "passwordHash" | "limits" | "budgets">> {
  /** What they are given to begin with; absent: what new users get. */
  readonly balance?: Nano;
}

/** What of a user their operator may change: `null` takes a fact away. */
export type UserEdit = Pick<UserChanges, "email" | "name" | "role" | "passwordHash" | "limits" | "budgets"> & { readonly blocked?: boolean };

/** The users of this Signalbox. */
export interface Users {
  /**
   * Makes a user: of issuer `local` where none is named, a member, and known to their issuer by their address, else by their id. Throws
   * `invalid-request` for an id, an address or a subject that another user has.
   */
  create(wish: NewUser): Promise<UserRow>;
  find(id: string): Promise<UserRow | undefined>;
  findBySubject(issuer: string, subject: string): Promise<UserRow | undefined>;
  /** The user made here who has this address; else the only one who has it at all. */
  findByEmail(email: string): Promise<UserRow | undefined>;
  list(listing: UserListing): Promise<Page<UserRow>>;
  /** Throws `not-found`, and `invalid-request` for an address that another user made here has. */
  change(id: string, edit: UserEdit): Promise<Changed<UserRow>>;
  /** Another hash of the password they have. Throws `not-found`. */
  setPassword(id: string, hash: string): Promise<void>;
}

export interface UsersParts {
  readonly book: Omit<UserStore, "holder" | keyof Sightings>;
  /** Told of every user that was made or changed. */
  readonly forget: (userId: string) => void;
  /** Gives a new user what they begin with. */
  readonly welcome: (user: UserRow, balance: Nano | undefined) => Promise<void>;
  readonly clock?: Clock;
}

/** Ids travel in paths, headers and logs. */
const ID = /^[\w.@:+-]{1,128}$/;

export function createUsers({ book, forget, welcome, clock = systemClock }: UsersParts): Users {
  const changed = async (id: string, changes: UserChanges): Promise<Changed<UserRow>> => {
    const done = await book.change(id, changes);
    if (done === undefined) throw noUser(id);
    forget(id);
    return done;
  };
  return {
    async create({ id = mintId("user"), issuer = LOCAL, email, balance, ...wish }) {
      if (!ID.test(id)) throw invalidRequest("id", "id may hold letters, digits and . _ @ : + -, and 128 of them at most.");
      const address = email && addressOf(email);
      const subject = wish.subject ?? address ?? id;
      const now = clock.now();
      const passwordAt = wish.passwordHash === undefined ? undefined : now;
      const user: UserRow = { ...wish, id, issuer, subject, email: address, role: wish.role ?? "member", createdAt: now, passwordAt };
      if (await book.insert(user)) {
        forget(id);
        await welcome(user, balance);
        return user;
      }
      if ((await book.find(id)) !== undefined) throw invalidRequest("id", `There is a user ${id} already.`);
      if (address === subject) throw emailTaken(subject);
      throw invalidRequest("subject", `There is a user ${subject} of ${issuer} already.`);
    },
    find: (id) => book.find(id),
    findBySubject: (issuer, subject) => book.findBySubject(issuer, subject),
    findByEmail: (email) => book.findByEmail(addressOf(email)),
    list: ({ email, ...listing }) => book.list({ ...listing, email: email && addressOf(email) }),
    async change(id, { blocked, email, ...edit }) {
      const user = await book.find(id);
      if (user === undefined) throw noUser(id);
      const address = email && addressOf(email);
      const subject = email === undefined ? undefined : subjectAfter(user, address);
      if (subject !== undefined && subject !== user.subject && (await book.findBySubject(user.issuer, subject)) !== undefined) throw emailTaken(subject);
      const blockedAt = blocked === undefined ? undefined : blocked ? (user.blockedAt ?? clock.now()) : null;
      const passwordAt = edit.passwordHash === undefined ? undefined : clock.now();
      return changed(id, { ...edit, passwordAt, email: address, subject, blockedAt });
    },
    async setPassword(id, hash) {
      await changed(id, { passwordHash: hash });
    },
  };
}

/** By what their issuer knows a user who has this address from now on: of those made here, those known by their address go by the new one. */
function subjectAfter({ id, issuer, subject, email }: UserRow, address: string | null | undefined): string {
  const byAddress = issuer === LOCAL && (subject === email || subject === id);
  return byAddress ? (address ?? id) : subject;
}

/** Addresses are the same in large letters and small. */
function addressOf(email: string): string {
  return email.trim().toLowerCase();
}

function emailTaken(email: string): Failure {
  return invalidRequest("email", `There is a user ${email} already.`);
}

function noUser(id: string): Failure {
  return new Failure("not-found", `There is no user ${id}.`);
}
