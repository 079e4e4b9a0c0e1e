import type { Outgoing } from "../../vocabulary/dialect.ts";
import { invalidRequest } from "../../vocabulary/failure.ts";
import type { Visit } from "../visit/visit.ts";

/** What was given up in writing a request is told to its client: in a header, or as a refusal (`invalid-request`) to one that prefers none to less. */
export function takeWarnings({ warnings }: Pick<Outgoing, "warnings">, visit: Visit): void {
  if (warnings.length > 0 && visit.caller?.strict)
    throw invalidRequest(
      "",
      `This key is strict, and the request asks for what cannot be had here: ${warnings.join(" ")} Leave it out, or choose another model.`,
    );
  for (const warning of warnings) if (!visit.warnings.includes(warning)) visit.warnings.push(warning);
}
