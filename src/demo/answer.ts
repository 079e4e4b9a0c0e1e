import { isObject, type Json, type JsonObject, listOf, objectOf, parseJson, stringOf } from "../vocabulary/json.ts";
import { instanceOf, placesIn } from "./instance.ts";
import { musing, smallTalk } from "./small-talk.ts";

/** What the simulated model decided to say to a chat request. */
export interface DemoAnswer {
  readonly thinking: string;
  readonly text: string;
  readonly toolCalls: readonly { readonly name: string; readonly arguments: string }[];
}

interface OfferedTool {
  readonly name: string;
  readonly description: string;
  readonly parameters: JsonObject;
}

/** Calls a tool where one is asked for or fits, reads a tool's result back, writes JSON where JSON is due, talks otherwise. */
export function demoAnswer(request: JsonObject, thinks: boolean): DemoAnswer {
  const messages = listOf(request.messages).map(objectOf);
  const prompt = promptOf(messages);
  const thinking = thinks ? musing(prompt) : "";
  const last = messages.at(-1);
  if (last?.role === "tool") return { thinking, text: readBack(messages), toolCalls: [] };
  const tool = toolFor(request, prompt);
  if (tool) return { thinking, text: "", toolCalls: callsOf(tool, prompt, request.parallel_tool_calls !== false) };
  return { thinking, text: formatted(objectOf(request.response_format), prompt), toolCalls: [] };
}

/** The text of the last user turn. */
function promptOf(messages: readonly JsonObject[]): string {
  return textOf(messages.findLast((message) => message.role === "user")?.content);
}

function textOf(content: Json | undefined): string {
  if (typeof content === "string") return content;
  return listOf(content)
    .map((part) => stringOf(objectOf(part).text) ?? `[${stringOf(objectOf(part).type) ?? "part"}]`)
    .join(" ");
}

function formatted(format: JsonObject, prompt: string): string {
  if (format.type === "json_schema") return JSON.stringify(instanceOf(objectOf(objectOf(format.json_schema).schema), prompt));
  return format.type === "json_object" ? JSON.stringify({ answer: smallTalk(prompt) }) : smallTalk(prompt);
}

function offeredTools(request: JsonObject): OfferedTool[] {
  return listOf(request.tools).flatMap((tool) => {
    const { name, description, parameters } = objectOf(objectOf(tool).function);
    return typeof name === "string" ? [{ name, description: stringOf(description) ?? "", parameters: objectOf(parameters) }] : [];
  });
}

/** The tool the client insists on, else the first whose name or description shares a word with the prompt. */
function toolFor(request: JsonObject, prompt: string): OfferedTool | undefined {
  const tools = offeredTools(request);
  const choice = request.tool_choice;
  if (choice === "none") return undefined;
  const wanted = isObject(choice) ? stringOf(objectOf(choice.function).name) : undefined;
  if (wanted !== undefined) return tools.find((tool) => tool.name === wanted);
  const words = wordsOf(prompt);
  const fitting = tools.find((tool) => wordsOf(`${tool.name} ${tool.description}`).some((word) => words.includes(word)));
  return fitting ?? (choice === "required" ? tools[0] : undefined);
}

const COMMON_WORDS = new Set([
  "what",
  "with",
  "this",
  "that",
  "from",
  "have",
  "return",
  "returns",
  "given",
  "tool",
  "call",
  "function",
  "user",
  "their",
  "about",
  "which",
]);

function wordsOf(text: string): string[] {
  return (text.toLowerCase().match(/\p{L}{4,}/gu) ?? []).filter((word) => !COMMON_WORDS.has(word));
}

/** One call, or one per place when the prompt names several and the client allows it. */
function callsOf(tool: OfferedTool, prompt: string, parallel: boolean): DemoAnswer["toolCalls"] {
  const places = placesIn(prompt);
  const prompts = parallel && places.length > 1 ? places.map((place) => `${prompt.split(places[0] ?? "")[0]}${place}`) : [prompt];
  return prompts.map((one) => ({ name: tool.name, arguments: JSON.stringify(instanceOf({ type: "object", ...tool.parameters }, one)) }));
}

/** The results of the tools since the last assistant turn, in a sentence each. */
function readBack(messages: readonly JsonObject[]): string {
  const asked = messages.findLastIndex((message) => message.role === "assistant");
  const names = new Map(listOf(messages[asked]?.tool_calls).map((call) => [stringOf(objectOf(call).id), stringOf(objectOf(objectOf(call).function).name)]));
  const results = messages.slice(asked + 1).filter((message) => message.role === "tool");
  return results.map((result) => `According to ${names.get(stringOf(result.tool_call_id)) ?? "the tool"}: ${inWords(textOf(result.content))}.`).join(" ");
}

function inWords(result: string): string {
  const json = parseJson(result);
  if (!isObject(json)) return result.trim().replace(/[.!]+$/, "");
  return Object.entries(json)
    .map(([name, value]) => `${name.replaceAll("_", " ")} is ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");
}
