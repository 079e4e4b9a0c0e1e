import { estimatedPrompt } from "../../dialects/shared/conversation/estimate.ts";
import type { ChatCall } from "../../vocabulary/dialect.ts";
import type { ChatEvent } from "../../vocabulary/events.ts";
import { tokensOfBytes, type Usage, usageOf } from "../../vocabulary/usage.ts";
import type { Visit } from "./visit.ts";

/** Listens to an answer and leaves its usage with the visit: what the upstream reports, else a count of what was delivered. */
export function meterFor(visit: Visit, call: ChatCall): (event: ChatEvent) => void {
  const meter = new Meter(visit, call);
  visit.soFar = () => meter.used(false);
  visit.owes(({ outcome }) => {
    visit.usage = meter.used(outcome === "ok");
  });
  return meter.hear;
}

class Meter {
  readonly #visit: Visit;
  readonly #call: ChatCall;
  #bytes = 0;
  #events = 0;

  constructor(visit: Visit, call: ChatCall) {
    this.#visit = visit;
    this.#call = call;
  }

  readonly hear = (event: ChatEvent): void => {
    switch (event.type) {
      case "usage":
        this.#visit.usage = event.usage;
        break;
      case "text":
      case "thinking":
      case "refusal":
      case "tool-call-arguments":
        this.#bytes += Buffer.byteLength(event.text);
        this.#events++;
        this.#visit.delivered?.(this.#tokens());
        break;
    }
  };

  /** Of what was delivered. Whoever sends a piece of an answer has made a token at least. */
  #tokens(): number {
    return Math.max(tokensOfBytes(this.#bytes), this.#events);
  }

  /** What an answer used that is whole, or was broken off here: then an upstream may have said less than it has delivered since. */
  used(whole: boolean): Usage | undefined {
    const reported = this.#visit.usage;
    const output = this.#tokens();
    if (reported !== undefined && (whole || reported.output >= output)) return reported;
    if (reported !== undefined) return { ...reported, output, evidence: "counted" };
    return output === 0 ? undefined : usageOf({ input: estimatedPrompt(this.#call), output, evidence: "counted" });
  }
}

/** What an embedding used: as reported, or counted from the request for an upstream that never says. */
export function embeddingsUsage(reported: Usage, text: string): Usage {
  return reported.evidence === "reported" ? reported : usageOf({ input: tokensOfBytes(Buffer.byteLength(text)), evidence: "counted" });
}
