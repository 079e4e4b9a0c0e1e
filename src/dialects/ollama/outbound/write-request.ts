import type { ChatRequest, Tool } from "../../../vocabulary/chat.ts";
import type { Destination, Outgoing } from "../../../vocabulary/dialect.ts";
import { invalidRequest } from "../../../vocabulary/failure.ts";
import type { JsonObject } from "../../../vocabulary/json.ts";
import { placeOf, refusedMessages } from "../../shared/places.ts";
import { writeMessages } from "./messages.ts";
import { dropped, fitOllama, writeSettings } from "./write-settings.ts";

/**
 * A chat as the body of `POST /api/chat`. `options`, `num_ctx`, `keep_alive`, `truncate`, `shift` and `think` pass from the extras.
 * Throws `invalid-request` for what Ollama cannot do: a forced tool call, several answers, media other than images, images by URL.
 */
export function writeOllamaRequest(request: ChatRequest, destination: Destination): Outgoing {
  const warnings: string[] = [];
  if (!destination.profile.prefill && request.messages.at(-1)?.role === "assistant")
    throw refusedMessages(request.messages, "must not end with the assistant's: this model does not continue an answer.");
  const tools = toolsOf(request, destination, warnings);
  const body: JsonObject = {
    model: destination.model,
    messages: writeMessages(request.messages),
    ...(tools.length === 0 ? {} : { tools: tools.map(writeTool) }),
    ...writeSettings(request, destination, warnings),
  };
  fitOllama(body, destination, warnings);
  return { body: JSON.stringify(body), warnings };
}

/** Ollama has no `tool_choice`: `none` and a choice of some are met by what is offered; force cannot be promised, so it is refused. */
function toolsOf(request: ChatRequest, destination: Destination, warnings: string[]): readonly Tool[] {
  const { toolChoice: choice, tools } = request;
  if (choice?.type === "none" || tools.length === 0) return [];
  if (choice?.type === "required" || choice?.type === "tool" || (choice?.type === "some" && choice.mode === "required")) {
    const path = placeOf(choice, "tool_choice");
    throw invalidRequest(
      path,
      `${path} asks for a tool call, but this model's provider cannot make it call one. Ask for the call in the prompt, or choose another model.`,
    );
  }
  if (request.parallelTools === false) warnings.push(dropped("parallel_tool_calls", destination));
  return choice?.type === "some" ? tools.filter((tool) => choice.names.includes(tool.name)) : tools;
}

function writeTool(tool: Tool): JsonObject {
  return {
    type: "function",
    function: { name: tool.name, description: tool.description, parameters: tool.parameters ?? { type: "object", properties: {} } },
  };
}
