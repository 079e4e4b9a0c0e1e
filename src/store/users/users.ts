import type { Changed } from "../../vocabulary/changes.ts";
import type { Holder } from "../keys/holder.ts";
import type { LedgerWriter } from "../keys/ledger-writer.worker.ts";
import { type Page, positionOf } from "../pages.ts";
import { createSightings, type Sightings } from "../sightings.ts";
import type { WorkerLink } from "../workers/worker-link.ts";
import type { UserChanges, UserListing } from "./user-queries.ts";
import type { UserRow } from "./user-row.ts";

/** The users in the ledger. Every promise rejects with `StoreTrouble` when the ledger does not answer in time. */
export interface UserStore extends Sightings {
  /** On the disk when it settles. Says whether there was room: nobody has this id, nor this issuer and subject. */
  insert(user: UserRow): Promise<boolean>;
  find(id: string): Promise<UserRow | undefined>;
  findBySubject(issuer: string, subject: string): Promise<UserRow | undefined>;
  /** The user made here who has this address, in small letters; else the only one who has it at all. */
  findByEmail(email: string): Promise<UserRow | undefined>;
  /** Newest first. Throws `invalid-request` for a cursor that is none of ours. */
  list(listing: UserListing): Promise<Page<UserRow>>;
  /** For whom this user asks: themselves, and the only team they are in. */
  holder(user: UserRow): Promise<Holder>;
  /** `undefined`: there is no such user. */
  change(id: string, changes: UserChanges): Promise<Changed<UserRow> | undefined>;
}

export function createUserStore(writer: Pick<WorkerLink<LedgerWriter>, "ask">): UserStore {
  const sightings = createSightings((seen) => writer.ask("usersSeen", seen));
  return {
    insert: (user) => writer.ask("insertUser", user),
    find: (id) => writer.ask("findUser", id),
    findBySubject: (issuer, subject) => writer.ask("findUserBySubject", { issuer, subject }),
    findByEmail: (email) => writer.ask("findUserByEmail", email),
    async list(listing) {
      if (listing.before !== undefined) positionOf(listing.before);
      return writer.ask("listUsers", listing);
    },
    holder: (user) => writer.ask("userHolder", user),
    change: (id, changes) => writer.ask("changeUser", { id, changes }),
    ...sightings,
  };
}
