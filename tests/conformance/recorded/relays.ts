import { isDeepStrictEqual } from "node:util";
import { type JsonObject, listOf, numberOf, objectOf, parseJson } from "../../../src/vocabulary/json.ts";
import type { RequestRecord } from "../../../src/vocabulary/record.ts";
import { promptTokens } from "../../../src/vocabulary/usage.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";
import { type Recording, responseBytes } from "../../recordings/recordings.ts";
import { framesOf } from "../../recordings/replay.ts";
import type { Outcome } from "./run.ts";

/** Recorded operations that are passed on as they are. */
const RELAYED = new Set(["rerank", "moderations", "images", "audio"]);
export const isRelayed = (recording: Recording): boolean => RELAYED.has(recording.api);

/** Cohere has no kind of its own: it is called by its address. */
const kindOf = ({ provider }: Recording): string => (provider === "cohere" ? "openai-compatible" : provider);
/** The client's address for the recorded one: `/v1/audio/transcriptions` for `/api/v1/audio/transcriptions`. */
const pathOf = ({ request }: Recording): string => `/v1${/\/(rerank|moderations|(images|audio)\/\w+)$/.exec(request.path)?.[0] ?? ""}`;
const nameOf = (recording: Recording): string => `${recording.provider}|${recording.model ?? "unnamed"}`;

/** Plays every recording through the real gateway, one after the other, its answer cut into pieces of so many bytes. */
export async function playRelays(recordings: readonly Recording[], chunks: number | "whole" = "whole"): Promise<Outcome[]> {
  const fake = await startFakeUpstream();
  const models = recordings.map((recording) => [nameOf(recording), [{ kind: kindOf(recording), url: fake.url, model: recording.model ?? "unnamed" }]] as const);
  const box = startBox({ models: Object.fromEntries(models), policy: { attempts: 1 } });
  const outcomes: Outcome[] = [];
  try {
    for (const recording of recordings) outcomes.push({ recording, problems: await play(recording, chunks, fake, box) });
  } finally {
    await box.stop();
    await fake.stop();
  }
  return outcomes;
}

async function play(recording: Recording, chunks: number | "whole", fake: FakeUpstream, box: TestBox): Promise<string[]> {
  const { status, body } = recording.response;
  const streamed = recording.stream !== false;
  fake.forget();
  fake.play({
    chunks,
    reply: {
      status,
      headers: { "content-type": streamed ? "text/event-stream; charset=utf-8" : "application/json" },
      ...(streamed ? { frames: framesOf(String(body), false) } : { body: responseBytes(recording.response) }),
    },
  });
  const before = box.records.length;
  const complained = box.complaints.length;
  const response = await ask(recording, box);
  const text = await response.text();
  const record = await box.record(before);
  const problems = box.complaints.slice(complained).map((failure) => `our own mistake: ${String(failure.cause)}`);
  if (response.status !== status) return [...problems, `status ${status} became ${response.status}: ${text.slice(0, 200)}`];
  if (streamed ? text !== body : !isDeepStrictEqual(parseJson(text), body)) problems.push("another answer");
  if (status > 299) return problems;
  return [...problems, ...judgedRequest(recording, fake), ...judgedUsage(recording, record)];
}

/** The recorded request where it is JSON; a form in the place of one, whose file was not recorded. */
function ask(recording: Recording, box: TestBox): Promise<Response> {
  const { body } = recording.request;
  if (typeof body === "object") return box.post(pathOf(recording), { ...objectOf(body), model: nameOf(recording) });
  const form = new FormData();
  form.append("file", new Blob(["RIFF"]), "a.wav");
  if (recording.stream !== false) form.append("stream", "true");
  form.append("model", nameOf(recording));
  return fetch(box.url + pathOf(recording), { method: "POST", body: form });
}

function judgedRequest(recording: Recording, fake: FakeUpstream): string[] {
  const { body } = recording.request;
  if (typeof body !== "object") return fake.seen[0]?.model === (recording.model ?? "unnamed") ? [] : [`asked for ${fake.seen[0]?.model}`];
  const expected = { ...objectOf(body), model: recording.model ?? "unnamed" };
  return isDeepStrictEqual(fake.seen[0]?.json, expected) ? [] : ["another request"];
}

/** What is written down must be what the answer says, in the words of whoever said it. */
function judgedUsage({ api, usage, response }: Recording, { usage: metered }: RequestRecord): string[] {
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
