import { openaiChatInbound } from "../../../src/dialects/openai-chat/inbound.ts";
import { incoming } from "../../../src/dialects/shared/incoming.fixture.ts";
import type { Provider } from "../../../src/providers/provider.ts";
import type { AnswerFacts, ChatOutbound } from "../../../src/vocabulary/dialect.ts";
import { Failure } from "../../../src/vocabulary/failure.ts";
import { type Json, listOf, objectOf, parseJson, stringOf } from "../../../src/vocabulary/json.ts";
import { mergeProfiles } from "../../../src/vocabulary/profile.ts";
import type { Translation } from "../../recordings/recordings.ts";
import { answerOf, chunksOf } from "../recorded/differential.ts";

const FACTS: AnswerFacts = { model: "public", requestId: "req_1", created: 0 };

/** What OpenAI's chats are translated to. */
export interface Other {
  readonly outbound: ChatOutbound;
  readonly provider: Pick<Provider, "profile" | "families">;
  /** Do its calls have ids, which both gateways tell? */
  readonly ids: "same ids" | "own ids";
}

/** Ours and theirs of one case of OpenAI's clients, both in one shape. */
export function bothSides(one: Translation, { outbound, provider, ids }: Other): { readonly ours: Json; readonly theirs: Json } {
  const call = openaiChatInbound.readCall(
    incoming({ ...objectOf(one["client_request"]), ...(one.kind === "streaming" ? { stream: true, stream_options: { include_usage: true } } : {}) }),
  );
  switch (one.kind) {
    case "request": {
      const theirs = objectOf(one["expected_upstream_request"]);
      const model = stringOf(theirs["model"]) ?? "";
      const families = provider.families.filter((family) => family.match.test(model)).map((family) => family.profile);
      try {
        const ours = outbound.write(call.request(), { model, profile: mergeProfiles(provider.profile, ...families) });
        // Where the model stands in the path, only theirs names it.
        return { ours: { model, ...objectOf(parseJson(ours.body)) }, theirs };
      } catch (error) {
        if (error instanceof Failure) return { ours: { model, refused: error.facts.param ?? error.kind }, theirs };
        throw error;
      }
    }
    case "response": {
      const ours = openaiChatInbound.writeAnswer(outbound.readAnswer(one["upstream_response"] as Json), call, FACTS);
      return {
        ours: answerOf([objectOf(parseJson(ours))], "message", ids),
        theirs: answerOf([objectOf(one["expected_client_response"])], "message", ids),
      };
    }
    case "streaming": {
      const encoder = openaiChatInbound.encoder(call, FACTS);
      const decoder = outbound.decoder();
      const frames = listOf(one["upstream_response"]).map((json) => ({ event: "", data: JSON.stringify(json), raw: new Uint8Array() }));
      const ours = [...frames.flatMap((frame) => decoder.decode(frame)), ...decoder.close()].map((event) => encoder.encode(event)).join("");
      return { ours: answerOf(chunksOf(ours), "delta", ids), theirs: answerOf(chunksOf(stringOf(one["expected_client_sse"]) ?? ""), "delta", ids) };
    }
    default:
      return one.kind satisfies never;
  }
}
