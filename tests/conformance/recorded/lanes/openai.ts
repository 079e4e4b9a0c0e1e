import { isDeepStrictEqual } from "node:util";
import { profileFor } from "../../../../src/providers/index.ts";
import { isObject, type JsonObject, listOf, objectOf, parseJson } from "../../../../src/vocabulary/json.ts";
import type { Recording } from "../../../recordings/recordings.ts";
import { framesOf } from "../../../recordings/replay.ts";
import { isStreamed, type Lane, type Played } from "../lane.ts";
import { askedAgain, judgedSame, judgedText, withEnd } from "../same.ts";

/** Providers whose OpenAI-compatible side is not what our kind of that name calls, or that have no kind of their own. */
const COMPATIBLE = new Set(["gemini", "ollama", "gpustack", "huggingface", "voyage", "cohere"]);

/** The kind of service that stands for a provider of an OpenAI-compatible API. */
export const compatibleKind = ({ provider }: Recording): string => (COMPATIBLE.has(provider) ? "openai-compatible" : provider);

/** Those whose service of that name has no Responses: OpenAI's stands for them. */
const WITH_RESPONSES = new Set(["openai", "azure", "xai"]);

export const responsesKind = ({ provider }: Recording): string => (WITH_RESPONSES.has(provider) ? provider : "openai");

/** Is it a request for a response, recorded as it was said, and not one of the questions about kept ones? */
export const isResponse = ({ id, api, request }: Recording): boolean =>
  api === "responses" && request.method === "POST" && /\/responses$/.test(request.path) && !MADE_UP.has(id);

/** Kept as compressed bytes, or made up by its project: no event of it has a type. */
const MADE_UP = new Set(["openai/1306", "openai/0147"]);

const chat = (api: string, path: string): Lane => ({
  name: api,
  takes: (recording) => recording.api === api,
  kind: compatibleKind,
  ask: (recording, name) => ({ path, body: askedAgain(recording, name) }),
  judge: (played) => {
    const { recording, upstream } = played;
    if (!isStreamed(recording)) return [...judgedRequest(played), ...judgedSame(played)];
    return [...(upstream === undefined ? [] : judgedRequest(played)), ...judgedSame(played, forwarded(recording))];
  },
});

export const OPENAI_LANES: readonly Lane[] = [
  chat("chat_completions", "/v1/chat/completions"),
  chat("completions", "/v1/completions"),
  {
    name: "responses",
    takes: isResponse,
    kind: responsesKind,
    ask: (recording, name) => ({ path: "/v1/responses", body: askedAgain(recording, name) }),
    judge: (played) => [...judgedText(played), ...judgedSame(played)],
  },
];

/** The upstream got the client's fields, but for those its profile says it does not take, and the usage that we ask for. */
function judgedRequest({ recording, upstream, model }: Played): string[] {
  if (upstream === undefined) return [];
  const [asked, got] = [objectOf(recording.request.body), objectOf(upstream.json as JsonObject)];
  const { drop, rename } = profileFor(compatibleKind(recording), model);
  const ours = new Set(["model", "stream_options", ...drop, ...Object.entries(rename).flat()]);
  const changed = [...new Set([...Object.keys(asked), ...Object.keys(got)])].filter((name) => !ours.has(name) && !isDeepStrictEqual(asked[name], got[name]));
  return [
    ...(changed.length === 0 ? [] : [`fields changed on the way up: ${changed.join(", ")}`]),
    ...(got["model"] === model ? [] : [`asked for ${JSON.stringify(got["model"])}`]),
  ];
}

/** The recorded stream as it must arrive: without comments and without the usage that only we asked for, with an end mark. */
function forwarded(recording: Recording): string {
  const wants = objectOf(objectOf(recording.request.body)["stream_options"])["include_usage"] === true;
  const frames = framesOf(String(recording.response.body), false).filter((frame) => {
    const data = /^data: ?(.*)$/m.exec(frame)?.[1]?.trim();
    if (data === undefined || data === "") return false;
    const json = objectOf(parseJson(data));
    return wants || !isObject(json["usage"]) || listOf(json["choices"]).length > 0;
  });
  const ended = /^data: ?\[DONE\]/m.test(frames.at(-1) ?? "");
  return frames.slice(0, -1).join("") + withEnd(frames.at(-1) ?? "") + (ended ? "" : "data: [DONE]\n\n");
}
