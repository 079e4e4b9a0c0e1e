import { type Json, type JsonObject, listOf, objectOf, parseJson, stringOf } from "../../../../src/vocabulary/json.ts";
import type { Recording } from "../../../recordings/recordings.ts";
import { type Said, valuesOf } from "./said.ts";

const ANTHROPIC_FINISH: Readonly<Record<string, Said["finish"]>> = {
  end_turn: "done",
  stop_sequence: "done",
  pause_turn: "done",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  tool_use: "calls",
  refusal: "refused",
};

export function saidByAnthropic(recording: Recording): Said {
  const blocks: { type: string; text: string; name: string; json: string; input: Json | undefined }[] = [];
  let stop: string | undefined;
  const open = (block: JsonObject) =>
    blocks.push({
      type: stringOf(block["type"]) ?? "",
      text: stringOf(block["text"]) ?? "",
      name: stringOf(block["name"]) ?? "",
      json: "",
      input: block["input"],
    });
  for (const value of valuesOf(recording)) {
    for (const block of listOf(value["content"])) open(objectOf(block));
    stop = stringOf(value["stop_reason"]) ?? stringOf(objectOf(value["delta"])["stop_reason"]) ?? stop;
    if (value["type"] === "content_block_start") open(objectOf(value["content_block"]));
    const delta = objectOf(value["delta"]);
    const last = blocks.at(-1);
    if (value["type"] !== "content_block_delta" || last === undefined) continue;
    last.text += stringOf(delta["text"]) ?? "";
    last.json += stringOf(delta["partial_json"]) ?? "";
  }
  return {
    text: blocks.map((block) => (block.type === "text" ? block.text : "")).join(""),
    calls: blocks
      .filter((block) => block.type === "tool_use")
      .map(({ name, json, input }) => ({ name, arguments: (json === "" ? input : parseJson(json)) ?? {} })),
    finish: stop === undefined ? undefined : ANTHROPIC_FINISH[stop],
    rewordedText: false,
  };
}
