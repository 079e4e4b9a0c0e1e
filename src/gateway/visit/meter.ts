import type { ChatCall } from "../../vocabulary/dialect.ts";
import type { ChatEvent } from "../../vocabulary/events.ts";
import { tokensOfBytes, type Usage, usageOf } from "../../vocabulary/usage.ts";
import type { Visit } from "./visit.ts";

/** Listens to an answer and leaves its usage with the visit: what the upstream reports, else a count of what was delivered. */
export function meterFor(visit: Visit, call: ChatCall): (event: ChatEvent) => void {
  let delivered = 0;
  visit.owes(() => {
    if (visit.usage !== undefined || delivered === 0) return;
    visit.usage = usageOf({ input: tokensOfBytes(Buffer.byteLength(call.text)), output: tokensOfBytes(delivered), evidence: "counted" });
  });
  return (event) => {
    switch (event.type) {
      case "usage":
        visit.usage = event.usage;
        break;
      case "text":
      case "thinking":
      case "refusal":
      case "tool-call-arguments":
        delivered += Buffer.byteLength(event.text);
        break;
    }
  };
}

/** What an embedding used: as reported, or counted from the request for an upstream that never says. */
export function embeddingsUsage(reported: Usage, text: string): Usage {
  return reported.evidence === "reported" ? reported : usageOf({ input: tokensOfBytes(Buffer.byteLength(text)), evidence: "counted" });
}
