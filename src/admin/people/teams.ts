import { z } from "zod";
import type { Teams } from "../../access/teams.ts";
import { budgetsOf, rateLimitsOf } from "../../config/bounds.ts";
import { budgets, rateLimits } from "../../config/schema/bounds.ts";
import { type Exchange, jsonReply, type Reply, type Route } from "../../gateway/visit/exchange.ts";
import type { Membership } from "../../store/teams/team-queries.ts";
import type { TeamRow } from "../../store/teams/team-row.ts";
import { Failure } from "../../vocabulary/failure.ts";
import { changeOf } from "../change.ts";
import { given, idIn, isoTime, queryOf, readInput } from "../input.ts";
import { shownBounds } from "./bounds-view.ts";

const text = z.string().min(1);

/** What a team may have or lack. */
const FACTS = z.strictObject({
  models: z.array(text).nullish(),
  limits: rateLimits.nullish(),
  budgets: budgets.nullish(),
});
const WISH = FACTS.extend({ name: text });
const EDIT = FACTS.extend({ name: text.optional(), blocked: z.boolean().optional() });

/** `/admin/teams`: made, listed, changed and blocked, and who is in them. */
export function teamRoutes(teams: Teams): Route[] {
  return [
    { method: "GET", path: "/admin/teams", admits: "operator", handle: (exchange) => list(teams, exchange) },
    { method: "GET", path: "/admin/teams/*", admits: "operator", handle: (exchange) => show(teams, exchange) },
    { method: "POST", path: "/admin/teams", admits: "admin", action: "team.create", handle: (exchange) => create(teams, exchange) },
    { method: "PATCH", path: "/admin/teams/*", admits: "admin", action: "team.change", handle: (exchange) => change(teams, exchange) },
    { method: "PUT", path: "/admin/teams/*", admits: "admin", action: "team.add-member", handle: (exchange) => addMember(teams, exchange) },
    { method: "DELETE", path: "/admin/teams/*", admits: "admin", action: "team.remove-member", handle: (exchange) => removeMember(teams, exchange) },
  ];
}

async function list(teams: Teams, exchange: Exchange): Promise<Reply> {
  const { rows, next = null } = await teams.list(queryOf(exchange).page);
  return jsonReply({ data: rows.map(shownTeam), next });
}

async function show(teams: Teams, { rest }: Exchange): Promise<Reply> {
  const team = await teams.find(idIn(rest));
  return jsonReply({ ...shownTeam(team), members: await teams.members(team.id) });
}

async function create(teams: Teams, exchange: Exchange): Promise<Reply> {
  const { name, ...facts } = readInput(WISH, await exchange.body());
  const team = await teams.create({ ...given(editOf(facts)), name });
  return { ...jsonReply(shownTeam(team), 201), change: changeOf("team", team.id, { after: shownTeam(team) }) };
}

async function change(teams: Teams, exchange: Exchange): Promise<Reply> {
  const { name, blocked, ...facts } = readInput(EDIT, await exchange.body());
  const { before, after } = await teams.change(idIn(exchange.rest), { ...editOf(facts), name, blocked });
  return { ...jsonReply(shownTeam(after)), change: changeOf("team", after.id, { before: shownTeam(before), after: shownTeam(after) }) };
}

async function addMember(teams: Teams, exchange: Exchange): Promise<Reply> {
  const member = memberIn(exchange);
  const added = await teams.addMember(member);
  return { ...(await membersReply(teams, member.teamId)), change: changeOf("team", member.teamId, { after: added ? { member: member.userId } : {} }) };
}

async function removeMember(teams: Teams, exchange: Exchange): Promise<Reply> {
  const member = memberIn(exchange);
  await teams.removeMember(member);
  return { ...(await membersReply(teams, member.teamId)), change: changeOf("team", member.teamId, { before: { member: member.userId } }) };
}

async function membersReply(teams: Teams, id: string): Promise<Reply> {
  return jsonReply({ id, members: await teams.members(id) });
}

/** `/admin/teams/{id}/members/{user}`. */
function memberIn({ rest }: Exchange): Membership {
  const [teamId = "", members, userId = "", ...more] = rest.split("/");
  if (members !== "members" || userId === "" || more.length > 0)
    throw new Failure("not-found", "Members come and go by PUT and DELETE /admin/teams/{id}/members/{user}.");
  return { teamId: idIn(teamId), userId: idIn(userId) };
}

function editOf({ models, limits, budgets: amounts }: z.output<typeof FACTS>) {
  return { models, limits: limits && rateLimitsOf(limits), budgets: amounts && budgetsOf(amounts) };
}

/** A team as management shows it. */
function shownTeam(team: TeamRow) {
  return {
    id: team.id,
    name: team.name,
    models: team.models ?? null,
    ...shownBounds(team),
    created_at: isoTime(team.createdAt),
    blocked_at: isoTime(team.blockedAt),
  };
}
