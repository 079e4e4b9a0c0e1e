import { isDeepStrictEqual } from "node:util";
import { chatDecoder, readChatAnswer } from "../../../src/dialects/openai-chat/decode.ts";
import { chatEncoder, writeChatAnswer } from "../../../src/dialects/openai-chat/encode.ts";
import { readChatCall } from "../../../src/dialects/openai-chat/read-call.ts";
import { incoming } from "../../../src/dialects/shared/incoming.fixture.ts";
import { sseReader } from "../../../src/upstream/frames.ts";
import { isObject, type Json, type JsonObject, listOf, objectOf, parseJson, stringOf } from "../../../src/vocabulary/json.ts";
import { type Recording, responseBytes } from "../../recordings/recordings.ts";
import { type HeardChat, hearChat, hearChatStream } from "../hearers/openai-chat.ts";
import { countsIn } from "./answers.ts";

/** A recorded OpenAI answer read into events and written again, as a translation would: what the client hears must be what was said. */
export function rewritingProblems(recording: Recording): string[] {
  const heard = recording.stream === false ? hearChat(rewrittenWhole(recording)) : hearChatStream(rewrittenStream(recording));
  if (heard.error !== undefined) return [`an error: ${JSON.stringify(heard.error)}`];
  const said = saidByOpenai(recording);
  const problems = [...heard.problems];
  if (heard.text !== said.text) problems.push(`another text: ${JSON.stringify(heard.text.slice(0, 60))} for ${JSON.stringify(said.text.slice(0, 60))}`);
  const calls = heard.calls.map(({ name, arguments: given }) => ({ name, arguments: given }));
  if (!isDeepStrictEqual(calls, said.calls))
    problems.push(`other calls: ${JSON.stringify(calls).slice(0, 150)} for ${JSON.stringify(said.calls).slice(0, 150)}`);
  if (said.finish !== undefined && heard.finish !== said.finish) problems.push(`finish ${heard.finish}, not ${said.finish}`);
  if (
    recording.usage !== null &&
    heard.usage !== undefined &&
    !isDeepStrictEqual(countsIn("chat_completions", heard.usage), countsIn("chat_completions", recording.usage))
  )
    problems.push("another usage");
  return problems;
}

const CALL = readChatCall(incoming('{"messages":[{"role":"user","content":"hi"}],"stream_options":{"include_usage":true}}'));
const FACTS = { model: "m", requestId: "req_1", created: 1 };

function rewrittenWhole(recording: Recording): string {
  return writeChatAnswer(readChatAnswer(recording.response.body), CALL, FACTS);
}

function rewrittenStream(recording: Recording): string {
  const reader = sseReader();
  const decoder = chatDecoder();
  const encoder = chatEncoder(CALL, FACTS);
  const events = [...[...reader.feed(responseBytes(recording.response)), ...reader.flush()].flatMap((frame) => decoder.decode(frame)), ...decoder.close()];
  const failure = events.find((event) => event.type === "failure");
  if (failure !== undefined) return `data: ${JSON.stringify({ error: { message: failure.failure.message } })}\n\ndata: [DONE]\n\n`;
  return events.map((event) => encoder.encode(event)).join("");
}

const FINISH: Readonly<Record<string, string>> = {
  stop: "stop",
  length: "length",
  tool_calls: "tool_calls",
  function_call: "tool_calls",
  content_filter: "content_filter",
  eos: "stop",
  model_length: "length",
};

/** The first choice, read off the recorded body by other means than the decoder. */
function saidByOpenai({ response }: Recording): Pick<HeardChat, "text" | "finish"> & { calls: { name: string; arguments: Json | undefined }[] } {
  const { body } = response;
  const values =
    typeof body === "string"
      ? body.split(/\r\n|\n|\r/).flatMap((line) => (line.startsWith("data:") ? [parseJson(line.slice(5))].filter(isObject) : []))
      : [objectOf(body)];
  const choices = values.flatMap((value) => listOf(value["choices"]).map(objectOf)).filter((choice) => (choice["index"] ?? 0) === 0);
  const messages = choices.map((choice) => objectOf(typeof body === "string" ? choice["delta"] : choice["message"]));
  const calls: { id: Json | undefined; index: Json | undefined; name: string; arguments: string }[] = [];
  for (const call of messages.flatMap((message) => [
    ...listOf(message["tool_calls"]).map(objectOf),
    ...(isObject(message["function_call"]) ? [{ function: message["function_call"], index: 0 } as JsonObject] : []),
  ])) {
    const called = objectOf(call["function"] ?? call["custom"]);
    const open = calls.find((each) =>
      call["index"] !== undefined && call["index"] !== null
        ? each.index === call["index"] && (!call["id"] || !called["name"] || each.id === call["id"])
        : !call["id"],
    );
    const text = stringOf(called["arguments"]) ?? stringOf(called["input"]) ?? "";
    if (open === undefined) calls.push({ id: call["id"], index: call["index"], name: stringOf(called["name"]) ?? "", arguments: text });
    else open.arguments += text;
  }
  const finish = choices.map((choice) => stringOf(choice["finish_reason"])).findLast((reason) => reason !== undefined);
  return {
    text: messages.map((message) => textOf(message["content"])).join(""),
    calls: calls.map((call) => ({ name: call.name, arguments: parseJson(call.arguments === "" ? "{}" : call.arguments) })),
    finish: calls.length > 0 && (finish === "stop" || finish === "eos") ? "tool_calls" : FINISH[finish ?? ""],
  };
}

function textOf(content: Json | undefined): string {
  if (typeof content === "string") return content;
  return listOf(content)
    .map((part) => stringOf(objectOf(part)["text"]) ?? "")
    .join("");
}
