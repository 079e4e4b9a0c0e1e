import { Failure } from "../../vocabulary/failure.ts";
import type { Attempt } from "./attempt.ts";

/**
 * What the client is told: an upstream's complaint about our credentials, and where it is, stay in the house; everything else names its
 * deployment.
 */
export function inOurWords(failure: Failure, { target, baseUrl }: Pick<Attempt, "target" | "baseUrl">): Failure {
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
    case "upstream-unreachable": {
      const message = failure.message.replaceAll(new URL(baseUrl).origin, id);
      return message === failure.message ? failure : new Failure(failure.kind, message, failure.facts);
    }
    case "quota-exhausted":
      return new Failure("upstream-credentials", `The provider ${service.name} says that the gateway's account there is out of credit.`, failure.facts);
    default:
      return failure;
  }
}
