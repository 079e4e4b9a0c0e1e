import { chatOutbound } from "../dialects/index.ts";
import { estimatedTokens } from "../dialects/shared/conversation/estimate.ts";
import type { Ranking } from "../routing/routing.ts";
import type { Target } from "../vocabulary/deployment.ts";
import type { ChatCall, CountInbound } from "../vocabulary/dialect.ts";
import { Failure } from "../vocabulary/failure.ts";
import { admit } from "./admit.ts";
import { crossingUp } from "./asking/crossing.ts";
import { send } from "./asking/send.ts";
import type { Attempt } from "./attempts/attempt.ts";
import { firstToAnswer } from "./attempts/first-to-answer.ts";
import { findModel } from "./find-model.ts";
import { ChatPrompt } from "./prompt.ts";
import { rankTargets } from "./rank-targets.ts";
import type { Signalbox } from "./signalbox.ts";
import type { Exchange, Reply } from "./visit/exchange.ts";
import { answerHeaders } from "./visit/replies.ts";
import { enterModel } from "./within-limits.ts";

/** How many tokens a chat would take: in the words of an upstream that counts in the client's dialect, else by our estimate. */
export async function serveCount(exchange: Exchange, face: CountInbound, box: Signalbox): Promise<Reply> {
  const { visit } = exchange;
  visit.operation = "count-tokens";
  visit.dialect = face.name;
  const caller = await admit(exchange, box);
  const call = face.readCall({ text: await exchange.body(), headers: exchange.headers, rest: exchange.rest });
  const model = await findModel(call.model, caller, visit, box);
  const pending = enterModel(model, () => 0, visit, box); // counting takes no tokens
  if (pending !== undefined) await pending;
  const ranking = rankTargets(model, { operation: "chat", dialect: face.name, prompt: new ChatPrompt(call) }, visit, box);
  const counting = [...ranking.targets, ...ranking.lower()].flatMap((target) => countingTarget(target, call));
  const told =
    counting.length === 0
      ? undefined
      : await firstToAnswer({ ranking: among(counting, ranking), stream: false, ask: (one) => ask(call, one, box) }, visit, box).catch(unlessUnable);
  if (told === undefined) visit.warnings.push("The tokens are an estimate: this model's provider does not count them.");
  const body = told ?? face.writeCount(estimatedTokens(call.request()));
  return { status: 200, headers: { "content-type": "application/json", ...answerHeaders(visit, face) }, body };
}

/** These and nobody else. */
function among(targets: readonly Target[], { priority, candidates }: Ranking): Ranking {
  return { priority, candidates, targets, lower: () => [], lastResort: () => [], instead: () => [] };
}

/** Statuses of servers that speak the dialect without this part of it. */
const UNABLE: ReadonlySet<number | undefined> = new Set([404, 405, 501]);

/** Nothing, for a failure that means no more than that nobody there counts; throws any other. */
function unlessUnable(thrown: unknown): undefined {
  if (thrown instanceof Failure && UNABLE.has(thrown.facts.upstreamStatus)) return undefined;
  throw thrown;
}

/** The target as one that counts, when its service does in this dialect. */
function countingTarget(target: Target, call: ChatCall): Target[] {
  const route = target.deployment.service.routes["count-tokens"]?.find(({ dialect }) => dialect === call.dialect);
  return route === undefined || target.route.dialect !== call.dialect ? [] : [{ ...target, route }];
}

async function ask(call: ChatCall, attempt: Attempt, box: Signalbox): Promise<string> {
  const { deployment, route } = attempt.target;
  const dialect = chatOutbound(route.dialect);
  const destination = { model: deployment.model, profile: deployment.profile };
  const outgoing = dialect.express?.(call, destination) ?? dialect.write(call.request(), destination);
  const headers = { ...crossingUp(call, dialect), ...outgoing.headers };
  const reply = await send({ ...outgoing, headers }, false, attempt, box);
  const text = await reply.text();
  if (reply.status < 200 || reply.status > 299) throw dialect.readFailure({ status: reply.status, headers: reply.headers, text });
  attempt.done();
  return text;
}
