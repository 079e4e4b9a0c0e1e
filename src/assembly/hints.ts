import type { Hints } from "../routing/health/hints.ts";
import type { Happenings } from "../telemetry/happenings.ts";
import { numberOf, objectOf, parseJson, stringOf } from "../vocabulary/json.ts";
import type { Replicas } from "./replicas.ts";

/** Hints by way of what replicas tell each other. What makes no sense is not heard. */
export function hintsOver(replicas: Replicas): Hints {
  return {
    tell: (hint) => replicas.tell("breaker", JSON.stringify(hint)),
    heard(listener) {
      replicas.hear("breaker", (what) => {
        const said = objectOf(parseJson(what));
        const [deployment, until, reason] = [stringOf(said["deployment"]), numberOf(said["until"]), stringOf(said["reason"])];
        if (deployment !== undefined && until !== undefined && reason !== undefined) listener({ deployment, until, reason });
      });
    },
  };
}

/** The same hints, of which those that are told are also something that happened here. */
export function heardBy(happenings: Pick<Happenings, "tell">, hints: Hints): Hints {
  return {
    ...hints,
    tell(hint) {
      const until = new Date(hint.until).toISOString();
      happenings.tell({ type: "circuit", deployment: hint.deployment, why: `left alone until ${until}: ${hint.reason}`, alert: true });
      hints.tell(hint);
    },
  };
}
