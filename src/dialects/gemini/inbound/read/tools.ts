import type { ChatRequest, Tool, ToolChoice } from "../../../../vocabulary/chat.ts";
import { isObject, type JsonObject } from "../../../../vocabulary/json.ts";
import { placed } from "../../../shared/places.ts";
import { camelName, fieldOf, objectIn, objectsIn, refuse, stringIn, stringsIn, wordOf } from "../../fields.ts";
import { readSchema } from "./schema.ts";

/** Google's `FunctionCallingConfig.Mode`, in the order of its numbers. */
const MODES = ["MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED"];

/** The tools of a request and which of them shall be called. Throws `invalid-request` for tools that Google runs itself. `at` comes before every path. */
export function readTools(json: JsonObject, at: string): Pick<ChatRequest, "tools" | "toolChoice"> {
  const tools = objectsIn(json, "tools", `${at}tools`).flatMap((tool, index) => readTool(tool, `${at}tools[${index}]`));
  const choice = readToolChoice(json, at);
  return { tools, toolChoice: choice === undefined ? undefined : placed(choice, `${at}toolConfig.functionCallingConfig`) };
}

function readTool(tool: JsonObject, path: string): Tool[] {
  for (const [name, value] of Object.entries(tool)) {
    if (value === null || camelName(name) === "functionDeclarations") continue;
    refuse(
      `${path}.${name}`,
      "is a tool that Google itself runs, and this model's provider is another. Leave it out, declare a function instead, or choose a Gemini model",
    );
  }
  const declared = `${path}.functionDeclarations`;
  return objectsIn(tool, "functionDeclarations", declared).map((declaration, index) => readDeclaration(declaration, `${declared}[${index}]`));
}

function readDeclaration(declaration: JsonObject, path: string): Tool {
  return {
    name: stringIn(declaration, "name", `${path}.name`) ?? refuse(`${path}.name`, "is missing"),
    description: stringIn(declaration, "description", `${path}.description`),
    parameters: readParameters(declaration, path),
  };
}

function readParameters(declaration: JsonObject, path: string): JsonObject | undefined {
  const schema = fieldOf(declaration, "parametersJsonSchema");
  if (schema !== undefined) return isObject(schema) ? schema : refuse(`${path}.parametersJsonSchema`, "must be a JSON Schema object");
  const parameters = objectIn(declaration, "parameters", `${path}.parameters`);
  return parameters === undefined ? undefined : readSchema(parameters);
}

function readToolChoice(json: JsonObject, at: string): ToolChoice | undefined {
  const path = `${at}toolConfig.functionCallingConfig`;
  const config = objectIn(objectIn(json, "toolConfig", `${at}toolConfig`) ?? {}, "functionCallingConfig", path);
  if (config === undefined) return undefined;
  const names = stringsIn(config, "allowedFunctionNames", `${path}.allowedFunctionNames`);
  const mode = wordOf(fieldOf(config, "mode"), MODES) ?? "MODE_UNSPECIFIED";
  switch (mode) {
    case "MODE_UNSPECIFIED":
      return undefined;
    case "NONE":
      return { type: "none" };
    case "AUTO":
    case "VALIDATED":
      return names.length === 0 ? { type: "auto" } : { type: "some", mode: "auto", names };
    case "ANY": {
      const [only] = names;
      if (only === undefined) return { type: "required" };
      return names.length === 1 ? { type: "tool", name: only } : { type: "some", mode: "required", names };
    }
    default:
      return refuse(`${path}.mode`, `is ${JSON.stringify(mode)}; it must be one of AUTO, ANY, NONE and VALIDATED`);
  }
}
