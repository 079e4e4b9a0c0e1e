import { imagesIn, transcribedIn } from "../../dialects/openai-relay/answer.ts";
import { charactersToSpeak } from "../../dialects/openai-relay/read-request.ts";
import { relayUsage } from "../../dialects/openai-relay/usage.ts";
import type { Json } from "../../vocabulary/json.ts";
import { tokensOfBytes, type Usage, usageOf, withUnits } from "../../vocabulary/usage.ts";
import type { RelayCall } from "../asking/relay-call.ts";
import type { Visit } from "./visit.ts";

/**
 * Listens to an answer that is passed on and leaves its usage with the visit: tokens, seconds and searches as the upstream reports them,
 * else a count of what was asked and delivered; pictures and characters as we see them.
 */
export class RelayMeter {
  readonly #call: RelayCall;
  #reported: Usage | undefined;
  #images = 0;
  /** Bytes of text delivered. */
  #text = 0;

  constructor(visit: Visit, call: RelayCall) {
    this.#call = call;
    visit.soFar = () => this.used();
    visit.owes(() => {
      visit.usage = this.used();
    });
  }

  /** Something of the answer, as JSON. Of several reports the last counts. */
  hear(json: Json): void {
    this.#reported = relayUsage(json) ?? this.#reported;
    const { dialect } = this.#call.relay;
    if (dialect === "openai-images") this.#images += imagesIn(json);
    else if (dialect === "openai-audio") this.#text += Buffer.byteLength(transcribedIn(json));
  }

  /** Bytes of an answer that is no JSON: text, if anything that can be counted. */
  pass(bytes: number): void {
    if (this.#call.relay.operation !== "speech") this.#text += bytes;
  }

  /** Until now. */
  used(): Usage {
    const { relay, request } = this.#call;
    const characters = relay.operation === "speech" && request !== undefined ? charactersToSpeak(request) : 0;
    return withUnits(this.#reported ?? this.#counted(), { ...this.#reported, images: this.#images, characters });
  }

  #counted(): Usage {
    const { relay, request } = this.#call;
    // What is spoken is counted in characters; of a picture's words nobody knows what they weigh.
    const read = relay.dialect === "openai-rerank" || relay.dialect === "openai-moderations" ? Buffer.byteLength(request?.text ?? "") : 0;
    return usageOf({ input: tokensOfBytes(read), output: tokensOfBytes(this.#text), evidence: "counted" });
  }
}
