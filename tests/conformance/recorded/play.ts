import type { ScriptedReply } from "../../fakes/upstream/behaviours.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox, type TestDeployment } from "../../harness/box.ts";
import { type Recording, responseBytes } from "../../recordings/recordings.ts";
import { framesOf } from "../../recordings/replay.ts";
import { isStreamed, type Lane, type Outcome } from "./lane.ts";

type Chunks = number | "whole";

/** Plays those of the recordings that the lanes take through the real gateway, one after the other, their bodies cut into pieces of so many bytes. */
export async function play(lanes: readonly Lane[], recordings: readonly Recording[], chunks: Chunks = "whole"): Promise<Outcome[]> {
  const rounds = lanes.flatMap((lane) => recordings.filter(lane.takes).map((recording) => ({ lane, recording })));
  const fake = await startFakeUpstream();
  const models: Record<string, TestDeployment[]> = {};
  for (const { lane, recording } of rounds)
    models[publicName(lane, recording)] = [{ kind: lane.kind(recording), url: fake.url, model: modelOf(lane, recording), profile: lane.profile }];
  const box = startBox({ models, policy: { attempts: 1 } });
  const outcomes: Outcome[] = [];
  try {
    for (const { lane, recording } of rounds) outcomes.push({ lane: lane.name, recording, problems: await playOne(lane, recording, chunks, fake, box) });
  } finally {
    await box.stop();
    await fake.stop();
  }
  return outcomes;
}

const modelOf = (lane: Lane, recording: Recording): string => lane.model?.(recording) ?? recording.model ?? "unnamed";

/** A name unlike the upstream's, so that it would be seen where it should not be; one profile of one service each. */
const publicName = (lane: Lane, recording: Recording): string =>
  `${lane.kind(recording)}${lane.profile === undefined ? "" : ` ${JSON.stringify(lane.profile)}`}|${modelOf(lane, recording)}`;

async function playOne(lane: Lane, recording: Recording, chunks: Chunks, fake: FakeUpstream, box: TestBox): Promise<string[]> {
  const { status, headers } = recording.response;
  const reply = lane.reply?.(recording) ?? recordedReply(recording);
  fake.forget();
  fake.play({
    reply: { ...reply, status, headers: { "content-type": headers["content-type"] ?? headers["Content-Type"] ?? typeOf(recording), ...reply.headers } },
    chunks,
  });
  const before = box.records.length;
  const complained = box.complaints.length;
  const { path, body } = lane.ask(recording, publicName(lane, recording));
  // A form says itself what it is.
  const response = await (typeof body === "string" ? box.post(path, body) : fetch(box.url + path, { method: "POST", body }));
  const text = await response.text();
  const record = await box.record(before);
  const mistakes = box.complaints.slice(complained).map((failure) => `our own mistake: ${String(failure.cause)}`);
  return [...mistakes, ...lane.judge({ recording, status: response.status, text, record, model: modelOf(lane, recording), upstream: fake.seen[0] })];
}

/** What a recorded body is, where its headers were not kept. */
function typeOf({ stream }: Recording): string {
  return stream === "sse" ? "text/event-stream" : stream === "ndjson" ? "application/x-ndjson" : "application/json";
}

function recordedReply(recording: Recording): ScriptedReply {
  const { body } = recording.response;
  if (typeof body !== "string" || !isStreamed(recording)) return { body: responseBytes(recording.response) };
  return { frames: framesOf(body, recording.stream === "ndjson") };
}
