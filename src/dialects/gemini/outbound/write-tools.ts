import type { ChatRequest, Tool } from "../../../vocabulary/chat.ts";
import { invalidRequest } from "../../../vocabulary/failure.ts";
import type { JsonObject } from "../../../vocabulary/json.ts";
import { placeOf } from "../../shared/places.ts";
import { geminiSchema } from "./schema.ts";
import { geminiName } from "./tool-names.ts";

/** `tools` and `toolConfig`: nothing for a request without tools. */
export function toolsOf(request: ChatRequest, warnings: string[]): JsonObject {
  if (request.tools.length === 0) return {};
  if (request.parallelTools === false) warnings.push("parallel_tool_calls: false was left out: Gemini may call several tools in one turn.");
  const config = callingConfigOf(request);
  return {
    tools: [{ functionDeclarations: request.tools.map(declarationOf) }],
    ...(config === undefined ? {} : { toolConfig: { functionCallingConfig: config } }),
  };
}

function declarationOf(tool: Tool, index: number): JsonObject {
  const parameters = parametersOf(tool, index);
  return {
    name: geminiName(tool.name, `${placeOf(tool, `tools[${index}]`)}.name`),
    ...(tool.description === undefined ? {} : { description: tool.description }),
    ...(parameters === undefined ? {} : { parametersJsonSchema: parameters }),
  };
}

/** The arguments' schema; `undefined` for a tool that takes none. Throws `invalid-request` for arguments that are no object. */
function parametersOf(tool: Tool, index: number): JsonObject | undefined {
  if (tool.parameters === undefined) return undefined;
  const schema = geminiSchema(tool.parameters);
  const type = schema["type"];
  const path = placeOf(tool, `tools[${index}]`);
  if (type !== undefined && type !== "object" && !(Array.isArray(type) && type.includes("object")))
    throw invalidRequest(`${path}.parameters`, `${path}.parameters must be a JSON Schema of type object, for a tool's arguments have names.`);
  if (schema["anyOf"] !== undefined || schema["oneOf"] !== undefined || schema["$ref"] !== undefined) return schema;
  if (Object.keys(schema["properties"] ?? {}).length === 0 && (schema["additionalProperties"] ?? false) === false) return undefined;
  return { ...schema, type: "object" };
}

function callingConfigOf(request: ChatRequest): JsonObject | undefined {
  const choice = request.toolChoice;
  if (choice === undefined) return undefined;
  const named = (name: string) => geminiName(name, placeOf(choice, "tool_choice"));
  switch (choice.type) {
    case "auto":
      return { mode: "AUTO" };
    case "none":
      return { mode: "NONE" };
    case "required":
      return { mode: "ANY" };
    case "tool":
      return { mode: "ANY", allowedFunctionNames: [named(choice.name)] };
    case "some":
      // AUTO takes no list of names; VALIDATED is the mode that may answer in words and still heeds one.
      return { mode: choice.mode === "required" ? "ANY" : "VALIDATED", allowedFunctionNames: choice.names.map(named) };
    default:
      return choice satisfies never;
  }
}
