import { isDeepStrictEqual } from "node:util";
import { isObject, type Json, listOf, numberOf, objectOf, parseJson } from "../../../../src/vocabulary/json.ts";
import type { Recording } from "../../../recordings/recordings.ts";
import { isAnswered, type Lane, type Played } from "../lane.ts";
import { askedAgain, judgedFailure, judgedFields, recordedText } from "../same.ts";
import { compatibleKind } from "./openai.ts";

/** Vectors: OpenAI's clients get everybody's, Ollama's their own. Google's own are in its lanes. */
export const EMBEDDING_LANES: readonly Lane[] = [
  {
    name: "embeddings",
    takes: ({ api }) => api === "embeddings",
    kind: compatibleKind,
    ask: (recording, name) => ({ path: "/v1/embeddings", body: askedAgain(recording, name) }),
    judge: (played) => judged(played, "data", judgedFields(played)),
  },
  {
    name: "ollama_embed",
    takes: ({ api }) => api === "ollama_embed",
    kind: () => "ollama",
    ask: (recording, name) => ({ path: "/api/embed", body: askedAgain(recording, name) }),
    judge: (played) => {
      const [heard, recorded] = [objectOf(parseJson(played.text)), objectOf(played.recording.response.body)];
      const counted = heard["prompt_eval_count"] === recorded["prompt_eval_count"];
      return [...judged(played, "embeddings", []), ...(counted && recorded["prompt_eval_count"] !== undefined ? [] : ["other counts"])];
    },
  },
  ...["gemini_embed", "ollama_embed"].map(
    (api): Lane => ({
      name: `${api} → embeddings`,
      takes: (recording) => recording.api === api,
      kind: ({ provider }) => provider,
      ask: (recording, name) => ({ path: "/v1/embeddings", body: JSON.stringify({ model: name, input: inputsOf(recording) }) }),
      judge: (played) => judged(played, "data", []),
    }),
  ),
];

/** As many texts as were embedded. */
function inputsOf({ request }: Recording): string[] {
  const body = objectOf(request.body);
  const inputs = Array.isArray(body["input"]) ? body["input"] : listOf(body["requests"]);
  return inputs.length === 0 ? ["hi"] : inputs.map((_input, index) => `text ${index}`);
}

function judged(played: Played, field: string, request: readonly string[]): string[] {
  const { recording, status, text, record } = played;
  if (!isAnswered(recording)) return judgedFailure(played);
  if (status !== 200) return [`status ${status}: ${text.slice(0, 200)}`];
  const body = objectOf(parseJson(recordedText(recording)));
  const problems = [...request];
  if (!isDeepStrictEqual(vectorsIn(objectOf(parseJson(text))[field]), vectorsIn(body["data"] ?? body["embeddings"]))) problems.push("other vectors");
  const usage = objectOf(body["usage"]);
  const tokens = numberOf(usage["prompt_tokens"]) ?? numberOf(usage["total_tokens"]) ?? numberOf(body["prompt_eval_count"]);
  if (tokens !== undefined && record.usage?.input !== tokens) problems.push(`${record.usage?.input} tokens, not ${tokens}`);
  return problems;
}

function vectorsIn(rows: Json | undefined): (Json | undefined)[] {
  return listOf(rows).map((row) => (isObject(row) ? (row["embedding"] ?? row["values"]) : row));
}
