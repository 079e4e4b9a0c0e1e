import type { ChatRequest, Tool } from "../../../vocabulary/chat.ts";
import type { Destination, Outgoing } from "../../../vocabulary/dialect.ts";
import { invalidRequest } from "../../../vocabulary/failure.ts";
import { isObject, type Json, type JsonObject } from "../../../vocabulary/json.ts";
import { type Depth, effortOfBudget, nearestEffort } from "../../shared/efforts.ts";
import { untakenKnobs } from "../../shared/knobs.ts";
import { writeMessages } from "./messages.ts";

/** Ollama's own top-level fields, which clients of its other APIs send along too; they win over what we would write. */
const OWN_FIELDS = ["keep_alive", "truncate", "shift", "think"];

/** The knobs it has something like. */
const KNOBS: ReadonlySet<string> = new Set([...OWN_FIELDS, "options", "num_ctx", "min_p", "seed", "presence_penalty", "frequency_penalty", "logprobs"]);

/**
 * A chat as the body of `POST /api/chat`. `options`, `num_ctx`, `keep_alive`, `truncate`, `shift` and `think` pass from the extras.
 * Throws `invalid-request` for what Ollama cannot do: a forced tool call, several answers, media other than images, images by URL.
 */
export function writeOllamaRequest(request: ChatRequest, destination: Destination): Outgoing {
  const warnings: string[] = [];
  if (request.choices > 1) throw invalidRequest("n", "n must be 1: this model's provider gives one answer per request.");
  if (request.modalities?.some((modality) => modality !== "text"))
    throw invalidRequest("modalities", "modalities must be text only: this model writes nothing else.");
  if (!destination.profile.prefill && request.messages.at(-1)?.role === "assistant")
    throw invalidRequest("messages", "messages must not end with the assistant's: this model does not continue an answer.");
  warnings.push(...untakenKnobs(request, KNOBS, destination.model));
  const tools = toolsOf(request, destination, warnings);
  const options = optionsOf(request, destination, warnings);
  const body: JsonObject = {
    model: destination.model,
    messages: writeMessages(request.messages),
    ...(tools.length === 0 ? {} : { tools: tools.map(writeTool) }),
    format: formatOf(request),
    think: thinkOf(request, destination, warnings),
    stream: request.stream,
    ...(request.logprobs === undefined ? {} : { logprobs: true, top_logprobs: request.logprobs.top === 0 ? undefined : request.logprobs.top }),
    ...given(request.extras, OWN_FIELDS),
  };
  for (const name of destination.profile.drop) {
    if (body[name] !== undefined || options[name] !== undefined) warnings.push(dropped(name, destination));
    delete body[name];
    delete options[name];
  }
  if (Object.keys(options).length > 0) body["options"] = options;
  return { body: JSON.stringify(body), warnings };
}

function dropped(field: string, destination: Destination): string {
  return `${field} was dropped: ${destination.model} does not know it.`;
}

function given(extras: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(names.flatMap((name) => (extras[name] === undefined || extras[name] === null ? [] : [[name, extras[name]]])));
}

function optionsOf(request: ChatRequest, destination: Destination, warnings: string[]): JsonObject {
  const { profile } = destination;
  const options: JsonObject = { ...samplingOf(request, destination, warnings) };
  const bound = request.maxTokens;
  if (bound !== undefined) options["num_predict"] = Math.min(bound, profile.maxOutput ?? bound);
  if (request.seed !== undefined) options["seed"] = request.seed;
  if (request.presencePenalty !== undefined) options["presence_penalty"] = request.presencePenalty;
  if (request.frequencyPenalty !== undefined) options["frequency_penalty"] = request.frequencyPenalty;
  if (request.stop.length > 0) options["stop"] = request.stop.slice(0, profile.maxStops);
  if (request.stop.length > profile.maxStops) warnings.push(`stop was cut to ${profile.maxStops} sequences, the most ${destination.model} takes.`);
  const own = request.extras["options"];
  return { ...options, ...given(request.extras, ["num_ctx"]), ...(isObject(own) ? own : {}) };
}

function samplingOf(request: ChatRequest, destination: Destination, warnings: string[]): JsonObject {
  const { profile } = destination;
  const knobs = { temperature: request.temperature, top_p: request.topP, top_k: request.topK, min_p: request.minP };
  const sampling: JsonObject = {};
  for (const [name, value] of Object.entries(knobs)) {
    if (value === undefined) continue;
    if (profile.sampling === "fixed") warnings.push(`${name} was dropped: ${destination.model} samples in one way only.`);
    else if (name === "temperature" && value > profile.maxTemperature) {
      sampling[name] = profile.maxTemperature;
      warnings.push(`temperature was lowered to ${profile.maxTemperature}, the highest ${destination.model} takes.`);
    } else sampling[name] = value;
  }
  return sampling;
}

/** Ollama has no `tool_choice`: `none` and a choice of some are met by what is offered; force cannot be promised, so it is refused. */
function toolsOf(request: ChatRequest, destination: Destination, warnings: string[]): readonly Tool[] {
  const { toolChoice: choice, tools } = request;
  if (choice?.type === "none" || tools.length === 0) return [];
  if (choice?.type === "required" || choice?.type === "tool" || (choice?.type === "some" && choice.mode === "required"))
    throw invalidRequest(
      "tool_choice",
      "tool_choice must be auto or none: this model's provider cannot make it call a tool. Ask for the call in the prompt, or choose another model.",
    );
  if (request.parallelTools === false) warnings.push(dropped("parallel_tool_calls", destination));
  return choice?.type === "some" ? tools.filter((tool) => choice.names.includes(tool.name)) : tools;
}

function writeTool(tool: Tool): JsonObject {
  return {
    type: "function",
    function: { name: tool.name, description: tool.description, parameters: tool.parameters ?? { type: "object", properties: {} } },
  };
}

function formatOf(request: ChatRequest): Json | undefined {
  switch (request.format?.type) {
    case "json":
      return "json";
    case "json-schema":
      return request.format.schema;
    default:
      return undefined;
  }
}

/**
 * `think` as a level for models that take levels, as a boolean for those known to take booleans. Ollama refuses a level or `true` where
 * it does not fit, and lets every model think that can when nothing is said (server/routes.go, ChatHandler): so with `effort`, which
 * is what an unknown model has, nothing is said to turn it on.
 */
function thinkOf(request: ChatRequest, destination: Destination, warnings: string[]): Json | undefined {
  const { reasoning } = request;
  const { profile } = destination;
  if (reasoning === undefined || (reasoning.effort === undefined && reasoning.budget === undefined)) return undefined;
  const off = reasoning.effort === "none" || reasoning.budget === 0;
  if (profile.thinking === "none") {
    if (!off) warnings.push(`reasoning was dropped: ${destination.model} does not think.`);
    return undefined;
  }
  if (off && profile.thinkingOff) return false;
  if (off) warnings.push(`reasoning was lowered, not turned off: ${destination.model} always thinks.`);
  if (profile.thinking === "effort") return undefined;
  if (profile.thinking !== "level") return true;
  const known = profile.efforts ?? LEVELS;
  if (off) return known[0];
  const asked = reasoning.effort ?? effortOfBudget(reasoning.budget ?? -1);
  return asked === undefined ? true : nearestEffort(asked, known, warnings);
}

/** https://docs.ollama.com/api/chat: `think`. */
const LEVELS: readonly Depth[] = ["low", "medium", "high", "max"];
