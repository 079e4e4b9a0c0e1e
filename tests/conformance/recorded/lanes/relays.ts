import { isDeepStrictEqual } from "node:util";
import { type JsonObject, listOf, numberOf, objectOf, parseJson } from "../../../../src/vocabulary/json.ts";
import { promptTokens } from "../../../../src/vocabulary/usage.ts";
import type { Recording } from "../../../recordings/recordings.ts";
import { isAnswered, isStreamed, type Lane, type Played } from "../lane.ts";
import { askedAgain, judgedFailure, judgedFields } from "../same.ts";
import { compatibleKind } from "./openai.ts";

/** The client's address for the recorded one: `/v1/audio/transcriptions` for `/api/v1/audio/transcriptions`. */
const pathOf = ({ request }: Recording): string => `/v1${/\/(rerank|moderations|(images|audio)\/\w+)$/.exec(request.path)?.[0] ?? ""}`;

const isForm = ({ request }: Recording): boolean => typeof request.body !== "object";

/** Recorded operations that are passed on as they are. */
export const RELAY_LANES: readonly Lane[] = ["rerank", "moderations", "images", "audio"].map((api) => ({
  name: api,
  takes: (recording) => recording.api === api,
  kind: compatibleKind,
  ask: (recording, name) => ({ path: pathOf(recording), body: isForm(recording) ? formOf(recording, name) : askedAgain(recording, name) }),
  judge: (played) => {
    const { recording, status, text, upstream, model } = played;
    const request = isForm(recording) ? (upstream?.model === model ? [] : [`asked for ${upstream?.model}`]) : judgedFields(played);
    if (!isAnswered(recording)) return [...request, ...judgedFailure(played)];
    if (status !== recording.response.status) return [`status ${recording.response.status} became ${status}: ${text.slice(0, 200)}`];
    const { body } = recording.response;
    const same = isStreamed(recording) ? text === body : isDeepStrictEqual(parseJson(text), body);
    return [...request, ...(same ? [] : ["another answer"]), ...judgedUnits(played)];
  },
}));

/** A form in the place of the recorded one, whose file was not kept. */
function formOf(recording: Recording, name: string): FormData {
  const form = new FormData();
  form.append("file", new Blob(["RIFF"]), "a.wav");
  if (isStreamed(recording)) form.append("stream", "true");
  form.append("model", name);
  return form;
}

/** What is written down must be what the answer says, in the words of whoever said it. */
function judgedUnits({ recording: { api, usage, response }, record: { usage: metered } }: Played): string[] {
  if (metered === undefined) return ["not metered"];
  const found: Record<string, number | undefined> = {};
  const expected: Record<string, number | undefined> = {};
  const compare = (name: string, is: number | undefined, should: number | undefined) => {
    if (should === undefined) return;
    found[name] = is;
    expected[name] = should;
  };
  const said: JsonObject = usage ?? {};
  const seconds = numberOf(said["seconds"]) ?? numberOf(said["prompt_audio_seconds"]);
  const output = numberOf(said["output_tokens"]) ?? numberOf(said["completion_tokens"]);
  const total = numberOf(said["total_tokens"]);
  compare("milliseconds", metered.milliseconds, seconds === undefined ? undefined : seconds * 1000);
  compare("output", metered.output, output);
  compare("total", promptTokens(metered) + metered.output, total);
  compare("searches", metered.searches, numberOf(objectOf(said["billed_units"])["search_units"]));
  compare("images", metered.images, api === "images" ? listOf(objectOf(response.body)["data"]).length : undefined);
  const reported = [seconds, output, total, expected["searches"]].some((count) => count !== undefined);
  if (reported !== (metered.evidence === "reported")) return [`${metered.evidence}, though ${reported ? "reported" : "nothing was"}`];
  if (!reported && api === "moderations" && metered.input === 0) return ["nothing counted"];
  return isDeepStrictEqual(found, expected) ? [] : [`metered ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`];
}
