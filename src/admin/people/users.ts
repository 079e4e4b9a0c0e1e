import { z } from "zod";
import type { NewUser, Users } from "../../access/users.ts";
import { budgetsOf, rateLimitsOf } from "../../config/bounds.ts";
import { budgets, rateLimits } from "../../config/schema/bounds.ts";
import { type Exchange, jsonReply, type Reply, type Route } from "../../gateway/visit/exchange.ts";
import type { UserRow } from "../../store/users/user-row.ts";
import { ROLES } from "../../vocabulary/caller.ts";
import { Failure } from "../../vocabulary/failure.ts";
import type { Nano } from "../../vocabulary/money.ts";
import { changeOf } from "../change.ts";
import { given, idIn, isoTime, queryOf, readInput } from "../input.ts";
import { dollarsFrom, shownAmount } from "../money/amounts.ts";
import { shownBounds } from "./bounds-view.ts";

const text = z.string().min(1);
const EMAIL = z.string().regex(/^\s*[^\s@]+@[^\s@]+\s*$/, { error: "expected an e-mail address" });

/** What a user may have or lack. */
const FACTS = z.strictObject({
  email: EMAIL.nullish(),
  name: text.nullish(),
  role: z.enum(ROLES).optional(),
  limits: rateLimits.nullish(),
  budgets: budgets.nullish(),
});
const WISH = FACTS.extend({
  password: text.optional(),
  id: text.optional(),
  issuer: text.optional(),
  subject: text.optional(),
  balance: dollarsFrom(0n).optional(),
});
const EDIT = FACTS.extend({ password: text.optional(), blocked: z.boolean().optional() });

/** `/admin/users`: made, listed, changed and blocked. They are never deleted: what they did stays theirs. */
export function userRoutes(parts: UserParts): Route[] {
  return [
    { method: "GET", path: "/admin/users", admits: "operator", handle: (exchange) => list(parts, exchange) },
    { method: "GET", path: "/admin/users/*", admits: "operator", handle: (exchange) => show(parts, exchange) },
    { method: "POST", path: "/admin/users", admits: "admin", action: "user.create", handle: (exchange) => create(parts, exchange) },
    { method: "PATCH", path: "/admin/users/*", admits: "admin", action: "user.change", handle: (exchange) => change(parts, exchange) },
  ];
}

/** What is known of users. */
export interface UserParts {
  readonly users: Users;
  /** The ids of a user's teams. */
  teamsOf(userId: string): Promise<string[]>;
  /** What users have, in the order of their ids, and what is held of it for answers under way. */
  moneyOf(userIds: readonly string[]): Promise<readonly UserMoney[]>;
  /** The hash of a user's new password. Rejects with `invalid-request` for one that breaks the rules. */
  hashPassword(password: string): Promise<string>;
}

export interface UserMoney {
  readonly balance: Nano;
  readonly held: Nano;
}

async function list({ users, moneyOf }: UserParts, exchange: Exchange): Promise<Reply> {
  const query = queryOf(exchange);
  const { rows, next = null } = await users.list({ ...query.page, email: query.text("email") });
  const money = await moneyOf(rows.map(({ id }) => id));
  return jsonReply({ data: rows.map((user, index) => ({ ...shownUser(user), ...shownMoney(money[index]) })), next });
}

async function show({ users, teamsOf, moneyOf }: UserParts, { rest }: Exchange): Promise<Reply> {
  const id = idIn(rest);
  const user = await users.find(id);
  if (user === undefined) throw new Failure("not-found", `There is no user ${id}.`);
  const [money] = await moneyOf([id]);
  return jsonReply({ ...shownUser(user), ...shownMoney(money), teams: await teamsOf(id) });
}

async function create({ users, moneyOf, hashPassword }: UserParts, exchange: Exchange): Promise<Reply> {
  const { id, issuer, subject, password, balance, ...facts } = readInput(WISH, await exchange.body());
  const wish: NewUser = { ...given(editOf(facts)), id, issuer, subject, balance, passwordHash: password && (await hashPassword(password)) };
  const user = await users.create(wish);
  const [money] = await moneyOf([user.id]);
  return { ...jsonReply({ ...shownUser(user), ...shownMoney(money) }, 201), change: changeOf("user", user.id, { after: shownUser(user) }) };
}

async function change({ users, hashPassword }: UserParts, exchange: Exchange): Promise<Reply> {
  const { blocked, password, ...facts } = readInput(EDIT, await exchange.body());
  const passwordHash = password && (await hashPassword(password));
  const { before, after } = await users.change(idIn(exchange.rest), { ...editOf(facts), blocked, passwordHash });
  return { ...jsonReply(shownUser(after)), change: changeOf("user", after.id, { before: shownUser(before), after: shownUser(after) }) };
}

function editOf({ email, name, role, limits, budgets: amounts }: z.output<typeof FACTS>) {
  return { email, name, role, limits: limits && rateLimitsOf(limits), budgets: amounts && budgetsOf(amounts) };
}

function shownMoney({ balance, held }: UserMoney = { balance: 0n, held: 0n }) {
  return { ...shownAmount("balance", balance), ...shownAmount("held", held) };
}

/** A user as management shows them: of a password no more than that there is one. */
function shownUser(user: UserRow) {
  return {
    id: user.id,
    issuer: user.issuer,
    subject: user.subject,
    email: user.email ?? null,
    name: user.name ?? null,
    role: user.role,
    has_password: user.passwordHash !== undefined,
    ...shownBounds(user),
    created_at: isoTime(user.createdAt),
    last_seen_at: isoTime(user.lastSeenAt),
    blocked_at: isoTime(user.blockedAt),
  };
}
