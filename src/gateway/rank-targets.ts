import type { Ask } from "../routing/ask.ts";
import type { Ranking } from "../routing/routing.ts";
import type { Model } from "../vocabulary/model.ts";
import type { Signalbox } from "./signalbox.ts";
import type { Visit } from "./visit/visit.ts";

/** Where, best first, and why: by what is asked and who asks. Throws `model-not-found` when the model cannot do this at all. */
export function rankTargets(model: Model, asked: Pick<Ask, "operation" | "dialect" | "holder" | "prompt">, visit: Visit, box: Signalbox): Ranking {
  const { operation, dialect, holder, prompt } = asked;
  return box.routing.rank(model, { operation, dialect, holder, prompt, caller: visit.caller, behalf: visit.behalf, headers: visit.headers });
}
