import type { ChatRequest, Tool, ToolChoice } from "../../../../vocabulary/chat.ts";
import { isObject, type Json, type JsonObject, listOf, objectOf, stringOf } from "../../../../vocabulary/json.ts";
import { placed } from "../../../shared/places.ts";
import { shortName } from "../tool-names.ts";
import { clientTool } from "./client-tools.ts";
import { toolChanges } from "./loaded-tools.ts";
import { blockAt, cacheOf, named, type Reading, refuse, stringAt } from "./reading.ts";

/** The parts of a request that are about tools. */
type ToolFields = Pick<ChatRequest, "tools" | "toolChoice" | "parallelTools">;

/** A search Anthropic runs among the tools that are not loaded. */
const SEARCH = /^tool_search_tool_/;

/**
 * The tools there are at this point of the conversation, and the choice among them. Throws `invalid-request` with the JSON path for tools
 * that only Anthropic runs: an answer without them would be another answer.
 */
export function readTools(json: JsonObject, reading: Reading): ToolFields {
  const given = listOf(json["tools"]).map((tool, index) => blockAt(tool, `tools[${index}]`));
  const changes = toolChanges(listOf(json["messages"]));
  // Where Anthropic would have searched, nobody else does: then the model gets them all.
  const searched = given.some(isSearch);
  const chosen = stringOf(objectOf(json["tool_choice"])["name"]);
  const tools = given.flatMap((tool, index) => {
    const read = isSearch(tool) ? undefined : readTool(tool, `tools[${index}]`, reading);
    const name = stringOf(tool["name"]) ?? "";
    const there = changes.get(name) ?? (searched || name === chosen || tool["defer_loading"] !== true);
    return read === undefined || !there ? [] : [placed(read, `tools[${index}]`)];
  });
  return { tools, ...readChoice(json["tool_choice"], tools) };
}

function isSearch(tool: JsonObject): boolean {
  return SEARCH.test(stringOf(tool["type"]) ?? "");
}

function readTool(tool: JsonObject, path: string, reading: Reading): Tool {
  const type = tool["type"] ?? "custom";
  if (listOf(tool["input_examples"]).length > 0) reading.unsaid.add("input_examples");
  if (type === "custom") return readCustom(tool, path);
  const known = typeof type === "string" ? clientTool(type) : undefined;
  if (known === undefined)
    return refuse(`${path}.type`, `is ${named(type)}, a tool that only Anthropic's models and servers know. Leave it out, or choose a Claude model`);
  return { name: shortName(stringAt(tool, "name", path)), description: known.description, parameters: known.parameters, ...cacheOf(tool) };
}

function readCustom(tool: JsonObject, path: string): Tool {
  const schema = tool["input_schema"] ?? {};
  return {
    name: shortName(stringAt(tool, "name", path)),
    description: stringOf(tool["description"]),
    parameters: isObject(schema) ? schema : refuse(`${path}.input_schema`, "must be a JSON Schema object"),
    ...(tool["strict"] === true ? { strict: true } : {}),
    ...cacheOf(tool),
  };
}

function readChoice(value: Json | undefined, tools: readonly Tool[]): Pick<ToolFields, "toolChoice" | "parallelTools"> {
  if (value === undefined || value === null) return {};
  const choice = objectOf(value);
  const single = choice["disable_parallel_tool_use"] === true ? { parallelTools: false } : {};
  const toolChoice = readChoiceType(choice);
  if (tools.length > 0) return { toolChoice, ...single };
  if (toolChoice.type === "auto" || toolChoice.type === "none") return {};
  return refuse("tool_choice", "asks for a tool call, but there is no tool to call");
}

function readChoiceType(choice: JsonObject): ToolChoice {
  switch (choice["type"]) {
    case "auto":
      return { type: "auto" };
    case "any":
      return { type: "required" };
    case "none":
      return { type: "none" };
    case "tool":
      return { type: "tool", name: shortName(stringAt(choice, "name", "tool_choice")) };
    default:
      return refuse("tool_choice.type", `is ${named(choice["type"])}, but must be auto, any, tool or none`);
  }
}
