import type { Tool, ToolChoice } from "../../../vocabulary/chat.ts";
import { invalidRequest } from "../../../vocabulary/failure.ts";
import type { JsonObject } from "../../../vocabulary/json.ts";
import type { Turn } from "../../shared/conversation/turns.ts";
import { placeOf } from "../../shared/places.ts";
import { cacheControl } from "./blocks.ts";
import { strictSchema, toolSchema } from "./schema.ts";
import { fittingName } from "./write-turns.ts";
import type { Writing } from "./writing.ts";

const TOOL_NAME = /^[a-zA-Z0-9_-]{1,128}$/;

/** The fields `tools` and `tool_choice`; empty when neither is needed. */
export interface ToolFields {
  readonly tools?: JsonObject[];
  readonly choice?: JsonObject;
  /** Must the model call a tool? */
  readonly forced: boolean;
}

/** Tools and the choice among them. Throws `invalid-request` for a name or a schema this provider cannot take. */
export function writeTools(turns: readonly Turn[], writing: Writing): ToolFields {
  const { request } = writing;
  const choice = request.toolChoice;
  const wanted = choice?.type === "some" ? request.tools.filter((tool) => choice.names.includes(tool.name)) : request.tools;
  const path = placeOf(choice, "tool_choice");
  if (choice?.type === "some" && wanted.length === 0) throw invalidRequest(path, `${path} allows none of the tools in tools. Name at least one of them.`);
  if (wanted.length === 0) {
    if (choice?.type === "required" || choice?.type === "tool") throw invalidRequest(path, `${path} asks for a tool call, but tools is empty.`);
    return rememberedTools(turns);
  }
  const tools = wanted.map((tool) => writeTool(tool, placeOf(tool, `tools[${request.tools.indexOf(tool)}].function`), writing));
  const field = writeChoice(choice, request.parallelTools);
  return { tools, choice: field, forced: field?.["type"] === "any" || field?.["type"] === "tool" };
}

/** Calls in the history need their tools declared, even when the client offers none any more; they may not be called again. */
function rememberedTools(turns: readonly Turn[]): ToolFields {
  const names = new Set<string>();
  for (const turn of turns) if (turn.role === "assistant") for (const part of turn.parts) if (part.type === "tool-call") names.add(fittingName(part.name));
  if (names.size === 0) return { forced: false };
  return { tools: [...names].map((name) => ({ name, input_schema: { type: "object", properties: {} } })), choice: { type: "none" }, forced: false };
}

function writeTool(tool: Tool, path: string, writing: Writing): JsonObject {
  if (!TOOL_NAME.test(tool.name)) throw invalidRequest(`${path}.name`, `${path}.name must be 1 to 128 letters, digits, _ or - for this model's provider.`);
  const strict = tool.strict === true && !writing.profile.drop.includes("strict");
  if (tool.strict === true && !strict) writing.warnings.push(`strict was dropped from tool ${tool.name}: ${writing.model} does not accept it.`);
  const schema = toolSchema(tool.parameters, `${path}.parameters`);
  return {
    name: tool.name,
    ...(tool.description === undefined || tool.description === "" ? {} : { description: tool.description }),
    input_schema: strict ? strictSchema(schema) : schema,
    ...(strict ? { strict: true } : {}),
    ...cacheControl(tool.cache),
  };
}

function writeChoice(choice: ToolChoice | undefined, parallel: boolean | undefined): JsonObject | undefined {
  const single = parallel === false ? { disable_parallel_tool_use: true } : {};
  switch (choice?.type) {
    case undefined:
      return parallel === false ? { type: "auto", ...single } : undefined;
    case "none":
      return { type: "none" };
    case "auto":
      return { type: "auto", ...single };
    case "required":
      return { type: "any", ...single };
    case "tool":
      return { type: "tool", name: choice.name, ...single };
    case "some":
      return { type: choice.mode === "required" ? "any" : "auto", ...single };
  }
}
