import type { Tool, ToolChoice } from "../../../../vocabulary/chat.ts";
import { invalidRequest } from "../../../../vocabulary/failure.ts";
import { isObject, type Json, type JsonObject, listOf, objectOf, stringOf } from "../../../../vocabulary/json.ts";
import type { NamedTool, ToolBook } from "../tool-book.ts";

/** Custom tools take a text; where only functions are known, it is this one argument. */
const INPUT_PROPERTY = "input";

/** The tools as functions. Throws `invalid-request` for hosted ones; those that do nothing here are left out with a warning. */
export function readTools(book: ToolBook, warnings: string[]): Tool[] {
  for (const { json, path } of book.others) {
    const idle = idleWithoutUs(json, book) ?? refuseHosted(`${path}.type`, json["type"]);
    warnings.push(`${path} was left out: ${idle}.`);
  }
  return Array.from(book.named, ([name, tool]) => {
    if (tool.name === "") throw invalidRequest(`${tool.path}.name`, `${tool.path}.name must be a string.`);
    return tool.kind === "custom" ? customTool(name, tool) : functionTool(name, tool);
  });
}

/**
 * Why a hosted tool is not missed; `undefined` for one that is. Codex lists both of these in every request. A search of the web that is
 * only one of the tools a model may use is something less to use; a request for nothing else would be answered with something else.
 */
function idleWithoutUs(json: JsonObject, { named }: ToolBook): string | undefined {
  const type = stringOf(json["type"]) ?? "";
  if (/^web_search/.test(type) && (named.size > 0 || json["external_web_access"] === false)) return `${type} has no counterpart at this model's provider`;
  if (type === "tool_search" && json["execution"] === "client") return "tool_search has no counterpart at this model's provider";
  return undefined;
}

function refuseHosted(path: string, type: Json | undefined): never {
  throw invalidRequest(
    path,
    `${path} is ${JSON.stringify(type ?? null)}, which OpenAI itself would run. This model's provider takes function, custom and namespace tools: leave it out, or choose a model that OpenAI serves.`,
  );
}

function functionTool(name: string, { json, path }: NamedTool): Tool {
  const parameters = json["parameters"];
  if (parameters !== undefined && parameters !== null && !isObject(parameters))
    throw invalidRequest(`${path}.parameters`, `${path}.parameters must be a JSON Schema object.`);
  return {
    name,
    description: stringOf(json["description"]),
    parameters: parameters ?? undefined,
    strict: typeof json["strict"] === "boolean" ? json["strict"] : undefined,
  };
}

/** A custom tool as a function with one text; what its grammar demands is told in words, as nobody enforces it. */
function customTool(name: string, { json }: NamedTool): Tool {
  const { type, syntax, definition } = objectOf(json["format"]);
  const grammar =
    type === "grammar" ? `The input must match this ${stringOf(syntax) ?? ""} grammar:\n${stringOf(definition) ?? ""}`.replace("  ", " ") : undefined;
  const description = [stringOf(json["description"]), grammar].filter(Boolean).join("\n\n");
  return {
    name,
    ...(description === "" ? {} : { description }),
    parameters: {
      type: "object",
      properties: { [INPUT_PROPERTY]: { type: "string", description: "The whole input, as plain text." } },
      required: [INPUT_PROPERTY],
      additionalProperties: false,
    },
  };
}

/** A custom tool's input as the arguments of its function. */
export function wrapInput(input: string): string {
  return JSON.stringify({ [INPUT_PROPERTY]: input });
}

/** A custom tool's input in the arguments of its function; the arguments themselves where they hold no such thing. */
export function unwrapInput(text: string): string {
  try {
    const input = objectOf(JSON.parse(text))[INPUT_PROPERTY];
    return typeof input === "string" ? input : text;
  } catch {
    return text;
  }
}

/** Which tool must be called, in neutral words. Throws `invalid-request` for a hosted one. */
export function readToolChoice(choice: Json | undefined, book: ToolBook): ToolChoice | undefined {
  if (choice === undefined || choice === null) return undefined;
  // With nothing to choose from both say what is so anyway, and other APIs mind.
  if (choice === "auto" || choice === "none") return book.named.size === 0 ? undefined : { type: choice };
  if (choice === "required") return { type: choice };
  if (!isObject(choice)) throw invalidRequest("tool_choice", "tool_choice must be auto, none, required, or an object that names a tool.");
  if (choice["type"] === "allowed_tools") {
    const names = listOf(choice["tools"]).map((tool, index) => chosenName(objectOf(tool), `tool_choice.tools[${index}]`, book));
    return { type: "some", mode: choice["mode"] === "required" ? "required" : "auto", names };
  }
  return { type: "tool", name: chosenName(choice, "tool_choice", book) };
}

function chosenName(json: JsonObject, path: string, book: ToolBook): string {
  if (json["type"] !== "function" && json["type"] !== "custom") return refuseHosted(`${path}.type`, json["type"]);
  const name = stringOf(json["name"]);
  if (name === undefined) throw invalidRequest(`${path}.name`, `${path}.name must name the tool.`);
  return book.nameOf(name, stringOf(json["namespace"]));
}
