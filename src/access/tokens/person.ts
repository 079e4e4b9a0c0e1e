import type { JwtSettings, OidcSettings } from "../../config/schema/schema.ts";
import type { UserRow } from "../../store/users/user-row.ts";
import { ROLES, type Role } from "../../vocabulary/caller.ts";
import { isObject, type Json, type JsonObject } from "../../vocabulary/json.ts";
import { nameless, unknownUser } from "./refusals.ts";
import type { UserBook } from "./user-book.ts";

/** Who somebody is, as an issuer says. */
export interface Person {
  readonly issuer: string;
  readonly subject: string;
  readonly email?: string;
  /** Does the issuer say that the address is theirs? */
  readonly emailVerified: boolean;
  readonly name?: string;
  readonly team?: string;
}

/** Which claims say what. */
export type ClaimNames = JwtSettings["claims"];

/** What becomes of people who are not known here. */
export type Newcomers = Pick<JwtSettings, "create_users" | "link_by_email">;

export type RoleMap = OidcSettings["roles"];

/** The claim of this name, or inside others along its dots: `realm_access.roles`. Names of claims may hold dots themselves. */
function claimOf(claims: JsonObject, name: string): Json | undefined {
  if (Object.hasOwn(claims, name)) return claims[name];
  const dot = name.indexOf(".");
  const inside = dot < 0 || !Object.hasOwn(claims, name.slice(0, dot)) ? undefined : claims[name.slice(0, dot)];
  return isObject(inside) ? claimOf(inside, name.slice(dot + 1)) : undefined;
}

/** Whom claims are about. Throws `invalid-key` when they do not say. */
export function personOf(claims: JsonObject, issuer: string, names: ClaimNames): Person {
  const said = claimOf(claims, names.user);
  const subject = typeof said === "number" ? String(said) : said;
  if (typeof subject !== "string" || subject === "") throw nameless(names.user);
  const textOf = (name: string | undefined) => {
    const value = name === undefined ? undefined : claimOf(claims, name);
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  return { issuer, subject, email: textOf(names.email), emailVerified: claims["email_verified"] === true, name: textOf(names.name), team: textOf(names.team) };
}

/** The highest role that claims give, by an explicit map; `undefined` when they give none. */
export function roleBy(claims: JsonObject, { claim, map }: RoleMap): Role | undefined {
  if (claim === undefined) return undefined;
  const values = [claimOf(claims, claim)].flat();
  return ROLES.findLast((role) => values.some((value) => typeof value === "string" && Object.hasOwn(map, value) && map[value] === role));
}

/**
 * The account of a person: theirs by issuer and subject; else, where that is allowed, the one with their verified address, or a new one.
 * Rejects with `invalid-key` when there is none, and as the book does.
 */
export async function accountOf(person: Person, book: UserBook, { create_users, link_by_email }: Newcomers): Promise<UserRow> {
  const { issuer, subject, email, emailVerified, name } = person;
  const known = await book.findBySubject(issuer, subject);
  if (known !== undefined) return known;
  const linked = link_by_email && emailVerified && email !== undefined ? await book.findByEmail(email) : undefined;
  if (linked !== undefined) return linked;
  if (!create_users) throw unknownUser(subject, issuer);
  try {
    // An address nobody verified is not kept: whoever it really belongs to might later be taken for this account.
    return await book.create({ issuer, subject, email: emailVerified ? email : undefined, name, role: "member" });
  } catch (error) {
    // Their first two requests may have come together.
    const made = await book.findBySubject(issuer, subject);
    if (made === undefined) throw error;
    return made;
  }
}
