import { z } from "zod";
import type { NewUser, Users } from "../access/users.ts";
import { budgetsOf, rateLimitsOf } from "../config/bounds.ts";
import { budgets, rateLimits } from "../config/schema/bounds.ts";
import { type Exchange, jsonReply, type Reply, type Route } from "../gateway/visit/exchange.ts";
import type { UserRow } from "../store/users/user-row.ts";
import { ROLES } from "../vocabulary/caller.ts";
import { Failure } from "../vocabulary/failure.ts";
import { shownBounds } from "./bounds-view.ts";
import { changeOf } from "./change.ts";
import { given, idIn, isoTime, queryOf, readInput } from "./input.ts";
import type { AccessParts } from "./routes.ts";

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
const WISH = FACTS.extend({ password: text.optional(), id: text.optional(), issuer: text.optional(), subject: text.optional() });
const EDIT = FACTS.extend({ password: text.optional(), blocked: z.boolean().optional() });

/** What management of users works on. */
type UserParts = Pick<AccessParts, "users" | "teamsOf" | "hashPassword">;

/** `/admin/users`: made, listed, changed and blocked. They are never deleted: what they did stays theirs. */
export function userRoutes({ users, teamsOf, hashPassword }: UserParts): Route[] {
  return [
    { method: "GET", path: "/admin/users", admits: "operator", handle: (exchange) => list(users, exchange) },
    { method: "GET", path: "/admin/users/*", admits: "operator", handle: (exchange) => show(users, exchange, teamsOf) },
    { method: "POST", path: "/admin/users", admits: "admin", action: "user.create", handle: (exchange) => create({ users, hashPassword }, exchange) },
    { method: "PATCH", path: "/admin/users/*", admits: "admin", action: "user.change", handle: (exchange) => change({ users, hashPassword }, exchange) },
  ];
}

async function list(users: Users, exchange: Exchange): Promise<Reply> {
  const query = queryOf(exchange);
  const { rows, next = null } = await users.list({ ...query.page, email: query.text("email") });
  return jsonReply({ data: rows.map(shownUser), next });
}

async function show(users: Users, { rest }: Exchange, teamsOf: UserParts["teamsOf"]): Promise<Reply> {
  const id = idIn(rest);
  const user = await users.find(id);
  if (user === undefined) throw new Failure("not-found", `There is no user ${id}.`);
  return jsonReply({ ...shownUser(user), teams: await teamsOf(id) });
}

async function create({ users, hashPassword }: Pick<UserParts, "users" | "hashPassword">, exchange: Exchange): Promise<Reply> {
  const { id, issuer, subject, password, ...facts } = readInput(WISH, await exchange.body());
  const wish: NewUser = { ...given(editOf(facts)), id, issuer, subject, passwordHash: password && (await hashPassword(password)) };
  const user = await users.create(wish);
  return { ...jsonReply(shownUser(user), 201), change: changeOf("user", user.id, { after: shownUser(user) }) };
}

async function change({ users, hashPassword }: Pick<UserParts, "users" | "hashPassword">, exchange: Exchange): Promise<Reply> {
  const { blocked, password, ...facts } = readInput(EDIT, await exchange.body());
  const passwordHash = password && (await hashPassword(password));
  const { before, after } = await users.change(idIn(exchange.rest), { ...editOf(facts), blocked, passwordHash });
  return { ...jsonReply(shownUser(after)), change: changeOf("user", after.id, { before: shownUser(before), after: shownUser(after) }) };
}

function editOf({ email, name, role, limits, budgets: amounts }: z.output<typeof FACTS>) {
  return { email, name, role, limits: limits && rateLimitsOf(limits), budgets: amounts && budgetsOf(amounts) };
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
    blocked_at: isoTime(user.blockedAt),
  };
}
