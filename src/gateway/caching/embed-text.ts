import { openaiEmbeddingsInbound } from "../../dialects/openai-embeddings/inbound.ts";
import { floatsOf } from "../../dialects/shared/vectors.ts";
import type { Caller } from "../../vocabulary/caller.ts";
import type { Clock } from "../../vocabulary/clock.ts";
import { asFailure, Failure } from "../../vocabulary/failure.ts";
import type { RequestRecord } from "../../vocabulary/record.ts";
import { answerEmbeddings } from "../serve-embeddings.ts";
import type { Signalbox } from "../signalbox.ts";
import { embeddingsUsage } from "../visit/meter.ts";
import { failed, Visit } from "../visit/visit.ts";

/** What embedding a text of our own accord needs. */
export interface EmbedParts {
  readonly box: () => Signalbox;
  /** The public name of the embedding model. */
  readonly model: () => string;
  /** Milliseconds it may take. */
  readonly deadline: number;
  readonly clock: Clock;
  /** Told of each embedding, as of any request. */
  readonly record: (record: RequestRecord) => void;
}

const NO_HEADERS = new Headers();

/**
 * The vector of a text, made as every embeddings request is and remembered on the caller's account, whatever models their key may ask for:
 * the operator chose this one. Rejects when it is not there in time.
 */
export function textEmbedder({ box, model, deadline, clock, record }: EmbedParts): (text: string, caller: Caller) => Promise<Float32Array> {
  return async (text, caller) => {
    const visit = new Visit(`req_${crypto.randomUUID().replaceAll("-", "").slice(0, 18)}`, clock);
    visit.operation = "embeddings";
    visit.dialect = openaiEmbeddingsInbound.name;
    visit.caller = caller;
    visit.owes((ending) => record(visit.record(ending)));
    const timer = setTimeout(() => visit.callOff(new Failure("upstream-timeout", `The embedding was not there within ${deadline} ms.`)), deadline);
    try {
      const body = JSON.stringify({ model: model(), input: text, encoding_format: "float" });
      const call = openaiEmbeddingsInbound.readCall({ text: body, headers: NO_HEADERS, rest: "" });
      const answer = await answerEmbeddings({ call, headers: NO_HEADERS }, { ...caller, models: undefined }, visit, box());
      visit.usage = embeddingsUsage(answer.usage, call.text);
      const [vector] = answer.vectors;
      if (vector === undefined) throw new Failure("upstream-error", "The embedding has no vector.");
      visit.settle({ status: 200, outcome: "ok" });
      return Float32Array.from(floatsOf(vector));
    } catch (thrown) {
      const failure = asFailure(thrown);
      visit.settle(failed(failure, failure.row.status));
      throw failure;
    } finally {
      clearTimeout(timer);
    }
  };
}
