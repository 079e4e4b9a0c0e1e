import { embeddingsOutbound } from "../../dialects/index.ts";
import { editTopLevel } from "../../dialects/shared/json/edits.ts";
import type { EmbeddingsCall, EmbeddingsOutbound, Outgoing } from "../../vocabulary/dialect.ts";
import type { EmbeddingsAnswer } from "../../vocabulary/embeddings.ts";
import { Failure } from "../../vocabulary/failure.ts";
import { parseJson } from "../../vocabulary/json.ts";
import { summed } from "../../vocabulary/usage.ts";
import type { Attempt } from "../attempts/attempt.ts";
import type { Signalbox } from "../signalbox.ts";
import type { Visit } from "../visit/visit.ts";
import { send } from "./send.ts";
import { takeWarnings } from "./warnings.ts";

/** Batches of one call that are on their way at once, where the deployment has room for them. */
const AT_ONCE = 4;

/**
 * Puts an embeddings call to one target: in one piece, or in batches where the deployment takes no more inputs at once. The vectors come
 * in the order of the inputs; a batch that fails is the failure of the whole attempt.
 */
export async function askEmbeddings(call: EmbeddingsCall, attempt: Attempt, visit: Visit, box: Signalbox): Promise<EmbeddingsAnswer> {
  const { deployment, route } = attempt.target;
  const dialect = embeddingsOutbound(route.dialect);
  const inputs = deployment.maxBatch === undefined ? [] : call.request().inputs;
  const most = deployment.maxBatch ?? 0;
  if (inputs.length <= most) {
    const answer = await put(writeOne(call, dialect, attempt), dialect, attempt, visit, box);
    attempt.done();
    return answer;
  }
  const batches = Array.from({ length: Math.ceil(inputs.length / most) }, (_, index) => inputs.slice(index * most, (index + 1) * most));
  const writeBatch = batchWriter(call, dialect, attempt);
  const answers = await sideBySide(batches, attempt, async (batch) => {
    const answer = await put(writeBatch(batch), dialect, attempt, visit, box);
    // One vector too few would give all that follow to the wrong texts.
    if (answer.vectors.length !== batch.length)
      throw new Failure("upstream-error", `The upstream answered ${batch.length} inputs with ${answer.vectors.length} embeddings.`);
    return answer;
  });
  attempt.done();
  return { model: answers[0]?.model, vectors: answers.flatMap(({ vectors }) => vectors), usage: summed(answers.map(({ usage }) => usage)) };
}

/** The call as it is, in the client's own text where the upstream speaks its dialect. */
function writeOne(call: EmbeddingsCall, dialect: EmbeddingsOutbound, { target: { deployment } }: Attempt): Outgoing {
  return dialect.name === call.dialect && dialect.express !== undefined ? dialect.express(call, deployment) : dialect.write(call.request(), deployment);
}

/** The same call with some of its inputs. What else the client wrote is kept where the upstream speaks its dialect and has them in one list. */
function batchWriter(
  call: EmbeddingsCall,
  dialect: EmbeddingsOutbound,
  { target: { deployment } }: Attempt,
): (batch: readonly (string | readonly number[])[]) => Outgoing {
  const { express } = dialect;
  if (dialect.name !== call.dialect || express === undefined || !Array.isArray(call.json["input"]))
    return (batch) => dialect.write({ ...call.request(), inputs: batch }, deployment);
  // The inputs are cut out once, not once for every batch.
  const around = editTopLevel(call.text, { set: { input: "[]" } });
  return (batch) => express({ ...call, text: editTopLevel(around, { set: { input: JSON.stringify(batch) } }) }, deployment);
}

async function put(outgoing: Outgoing, dialect: EmbeddingsOutbound, attempt: Attempt, visit: Visit, box: Signalbox): Promise<EmbeddingsAnswer> {
  takeWarnings(outgoing, visit);
  const reply = await send(outgoing, false, attempt, box);
  const text = await reply.text();
  if (reply.status < 200 || reply.status > 299) throw dialect.readFailure({ status: reply.status, headers: reply.headers, text });
  const json = parseJson(text);
  if (json === undefined) throw new Failure("upstream-error", "The upstream answered 200 with something that is not JSON.");
  return dialect.readAnswer(json);
}

/** The attempt's own, which is left with it. */
const OWN_ROOM = () => undefined;

/** Works on all items, as many at once as there is room for, and gives the results in their order. Nothing is begun after the first failure. */
async function sideBySide<Item, Result>(items: readonly Item[], attempt: Attempt, work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  let failed = false;
  const worker = async (room: () => (() => void) | undefined): Promise<void> => {
    while (next < items.length && !failed) {
      const leave = room();
      if (leave === undefined) return;
      const index = next++;
      try {
        results[index] = await work(items[index] as Item);
      } catch (error) {
        failed = true;
        throw error;
      }
      leave();
    }
  };
  const own = worker(() => OWN_ROOM);
  await Promise.all([own, ...Array.from({ length: AT_ONCE - 1 }, () => worker(() => attempt.another()))]);
  return results;
}
