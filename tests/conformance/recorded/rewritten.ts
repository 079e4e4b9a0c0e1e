import { isDeepStrictEqual } from "node:util";
import { chatOutbound } from "../../../src/dialects/index.ts";
import { incoming } from "../../../src/dialects/shared/incoming.fixture.ts";
import { ndjsonReader, sseReader } from "../../../src/upstream/frames.ts";
import type { DialectName } from "../../../src/vocabulary/dialect.ts";
import type { ChatEvent } from "../../../src/vocabulary/events.ts";
import { type Recording, responseBytes } from "../../recordings/recordings.ts";
import type { Client } from "./clients.ts";
import { judgedHeard } from "./heard.ts";
import { isAnswered } from "./lane.ts";
import type { Source } from "./told.ts";

const FACTS = { model: "m", requestId: "req_1", created: 1 };

/** Is it an answer that can be told again? */
export const isRewritten = (source: Source, recording: Recording): boolean =>
  source.takes(recording) && isAnswered(recording) && recording.stream !== "json-array";

/**
 * A recorded answer read into events and written for any client, its own among them, as a stream and whole: what is heard must be
 * what was said, and the same in both.
 */
export function rewritingProblems(recording: Recording, { dialect, said }: Source, { speaker, face, rest }: Client): string[] {
  const events = eventsOf(recording, dialect as DialectName);
  if (events.some(({ type }) => type === "failure")) return [];
  const call = face.readCall(incoming(speaker.ask({ turns: [{ user: "hi" }] }, "m", true).body, {}, rest));
  const encoder = face.encoder(call, FACTS);
  const [stream, answer] = [events.map((event) => encoder.encode(event)).join(""), face.writeAnswer(events, call, FACTS)];
  const [streamed, whole] = [speaker.hearStream(stream), speaker.hearWhole(answer)];
  const telling = { client: speaker, recording, said: said(recording) };
  const same = isDeepStrictEqual({ ...streamed, calls: withoutIds(streamed.calls) }, { ...whole, calls: withoutIds(whole.calls) });
  return [
    ...judgedHeard({ ...telling, heard: streamed, text: stream, streamed: true }).map((problem) => `streamed: ${problem}`),
    ...judgedHeard({ ...telling, heard: whole, text: answer, streamed: false }).map((problem) => `whole: ${problem}`),
    ...(same ? [] : ["something else in a stream than in a whole answer"]),
  ];
}

/** Ids that the service did not give are made up. */
const withoutIds = (calls: readonly { readonly name: string; readonly arguments: unknown }[]) => calls.map(({ name, arguments: given }) => [name, given]);

function eventsOf({ stream, response }: Recording, dialect: DialectName): readonly ChatEvent[] {
  const outbound = chatOutbound(dialect);
  if (stream === false) return outbound.readAnswer(response.body);
  const reader = outbound.framing === "sse" ? sseReader() : ndjsonReader();
  const decoder = outbound.decoder();
  const frames = [...reader.feed(responseBytes(response)), ...reader.flush()].filter(({ data }) => data !== "");
  return [...frames.flatMap((frame) => decoder.decode(frame)), ...decoder.close()];
}
