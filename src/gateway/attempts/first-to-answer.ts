import type { Ranking } from "../../routing/routing.ts";
import type { Target } from "../../vocabulary/deployment.ts";
import { Failure, type FailureKind } from "../../vocabulary/failure.ts";
import type { Signalbox } from "../signalbox.ts";
import type { Visit } from "../visit/visit.ts";
import { Attempt } from "./attempt.ts";
import { discreet } from "./discreet.ts";

/** Failures that the same deployment may not repeat a moment later. */
const PASSING: ReadonlySet<FailureKind> = new Set<FailureKind>(["upstream-error", "upstream-unreachable", "overloaded"]);

/**
 * Asks one target after the other until one starts to answer, and says in the trace why. `ask` resolves when the answer is committed
 * (its first content has come) and throws while it is not. Throws the last failure when nobody answered.
 */
export async function firstToAnswer<Answer>(
  { targets: own, candidates, instead }: Ranking,
  stream: boolean,
  ask: (attempt: Attempt) => Promise<Answer>,
  visit: Visit,
  box: Signalbox,
): Promise<Answer> {
  visit.candidates.push(...candidates);
  const targets = [...own, ...instead("failure")];
  const policy = box.policy();
  let last: Failure | undefined;
  const open = [...targets];
  for (let tried = 0; tried < policy.attempts && open.length > 0; tried++) {
    const target = open.shift() as Target;
    const attempt = new Attempt(target, stream, visit, policy, box.pulse);
    try {
      const answer = await ask(attempt);
      visit.served = target;
      visit.firstTokenMs = visit.elapsed();
      note(visit, attempt, "answered");
      return answer;
    } catch (thrown) {
      last = visit.calledOff ?? discreet(inOurWords(box.upstream.explain(thrown, target.deployment.service.baseUrl), target), target.deployment.service);
      attempt.abort(last); // whatever it still sends, nobody reads
      if (visit.calledOff !== undefined) {
        note(visit, attempt, visit.left ? "gave up: the client left" : "gave up: Signalbox is stopping", last);
        throw last;
      }
      if (!last.row.elsewhere) {
        note(visit, attempt, "gave up: no other deployment would do better", last);
        throw last;
      }
      const again = PASSING.has(last.kind);
      if (again) open.push(target);
      const next = tried + 1 < policy.attempts ? open[0] : undefined;
      note(visit, attempt, next === undefined ? "gave up: nothing left to try" : `next: ${next.deployment.id}`, last);
      // Another deployment is asked at once; the one that just failed gets time to recover.
      if (next === target) await backoff(tried, policy.backoff, visit);
    }
  }
  throw last ?? new Failure("no-healthy-deployment", "No deployment of this model can be called.");
}

/** Jittered exponential wait, over at once when the visit is called off. */
function backoff(tried: number, [shortest, longest]: readonly [number, number], visit: Visit): Promise<void> {
  const wait = Math.min(longest, shortest * 2 ** tried) * (0.5 + Math.random() / 2);
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, wait);
    visit.onCallOff(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** What the client is told: an upstream's complaint about our credentials stays in the house, everything else names its deployment. */
function inOurWords(failure: Failure, target: Target): Failure {
  const { id, service } = target.deployment;
  switch (failure.kind) {
    case "upstream-credentials":
      return new Failure(
        failure.kind,
        `The provider ${service.name} refused the gateway's own credentials or account. Its operator has to check the key.`,
        failure.facts,
      );
    case "upstream-error":
    case "overloaded":
    case "rate-limited":
    case "upstream-model-missing":
      return failure.message.startsWith(id) ? failure : new Failure(failure.kind, `${id}: ${failure.message}`, failure.facts);
    case "quota-exhausted":
      return new Failure("upstream-credentials", `The provider ${service.name} says that the gateway's account there is out of credit.`, failure.facts);
    default:
      return failure;
  }
}

function note(visit: Visit, attempt: Attempt, decision: string, failure?: Failure): void {
  const now = visit.elapsed();
  visit.attempts.push({
    deployment: attempt.target.deployment.id,
    why: attempt.target.why,
    startedMs: attempt.startedMs,
    firstTokenMs: failure === undefined ? now : undefined,
    totalMs: failure === undefined ? undefined : now,
    failure: failure?.kind,
    message: failure?.message,
    status: failure?.facts.upstreamStatus,
    decision,
  });
}
