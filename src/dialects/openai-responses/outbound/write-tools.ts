import type { ChatRequest, Tool, ToolChoice } from "../../../vocabulary/chat.ts";
import type { JsonObject } from "../../../vocabulary/json.ts";

/** A function without parameters, as strict ones need it too. */
const NO_PARAMETERS: JsonObject = { type: "object", properties: {}, required: [], additionalProperties: false };

/** The fields about tools: flat, and never strict unless asked, which is what they are here when nothing is said (API reference). */
export function writeTools({ tools, toolChoice, parallelTools }: ChatRequest): JsonObject {
  if (tools.length === 0) return { tool_choice: writeChoice(forced(toolChoice)) };
  return { tools: tools.map(writeTool), tool_choice: writeChoice(toolChoice), parallel_tool_calls: parallelTools };
}

/** Without tools nothing is to be chosen, but for a call somebody insists on: the upstream says that there is none. */
function forced(choice: ToolChoice | undefined): ToolChoice | undefined {
  return choice?.type === "auto" || choice?.type === "none" ? undefined : choice;
}

function writeTool({ name, description, parameters = NO_PARAMETERS, strict = false }: Tool): JsonObject {
  return { type: "function", name, description, parameters, strict };
}

function writeChoice(choice: ToolChoice | undefined): JsonObject[string] {
  if (choice === undefined) return undefined;
  switch (choice.type) {
    case "tool":
      return { type: "function", name: choice.name };
    case "some":
      return { type: "allowed_tools", mode: choice.mode, tools: choice.names.map((name) => ({ type: "function", name })) };
    default:
      return choice.type;
  }
}
