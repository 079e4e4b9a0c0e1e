import { isObject, type Json, type JsonObject, listOf, objectOf } from "../../src/vocabulary/json.ts";
import { type Schemas, schemasOf } from "./schemas.ts";
import { publishedSchemas } from "./vendors.ts";

/** What each dialect's vendor says a request is: its file, and the schema's name in it; and where such requests are sent. */
const REQUESTS: ReadonlyMap<string, { readonly file: string; readonly schema: string; readonly path: RegExp }> = new Map([
  ["openai-chat", { file: "openai.openapi.json", schema: "CreateChatCompletionRequest", path: /\/chat\/completions$/ }],
  ["openai-responses", { file: "openai.openapi.json", schema: "CreateResponse", path: /\/responses$/ }],
  ["anthropic-messages", { file: "anthropic.openapi.yml", schema: "BetaCreateMessageParams", path: /\/messages$/ }],
  ["gemini", { file: "gemini.discovery.json", schema: "GenerateContentRequest", path: /:(generateContent|streamGenerateContent\?alt=sse)$/ }],
  ["ollama", { file: "ollama.openapi.yaml", schema: "ChatRequest", path: /\/api\/chat$/ }],
]);

/** Something we send on purpose though the vendor's schema does not have it. */
export interface Exception {
  readonly dialect: string;
  /** Only to services of this kind; absent: to all that speak the dialect. */
  readonly kind?: string;
  readonly misfit: RegExp;
  readonly why: string;
}

/** Every exception there is. To Anthropic there is none. */
export const EXCEPTIONS: readonly Exception[] = [
  {
    dialect: "openai-chat",
    misfit:
      /^CreateChatCompletionRequest\.(clear_thinking|thinking|enable_thinking|reasoning_format|safe_prompt|usage|echo|safety_model|provider|repetition_penalty): is unknown$/,
    why: "What a client says in another service's words (Cerebras, DeepSeek, Qwen, Groq, Mistral, OpenRouter, Together) is passed on: a compatible upstream is to judge it.",
  },
  {
    dialect: "openai-chat",
    misfit: /^CreateChatCompletionRequest\.service_tier: is none of/,
    why: "Groq's on_demand: the upstream is to judge it.",
  },
  { dialect: "openai-responses", misfit: /^CreateResponse\.service_tier: is none of/, why: "The same." },
  { dialect: "openai-responses", misfit: /^CreateResponse\.provider: is unknown$/, why: "OpenRouter's word, passed on likewise." },
  {
    dialect: "openai-chat",
    misfit: /\.content\[\d+\]\.type: "video_url" is what no alternative is$/,
    why: "Videos: OpenAI has no part for them, compatible services (vLLM, OpenRouter) have video_url. OpenAI refuses it by name.",
  },
  {
    dialect: "openai-chat",
    kind: "vllm",
    misfit: /^CreateChatCompletionRequest\.(top_k|min_p): is unknown$/,
    why: "vLLM's own sampling parameters: https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html#chat-api",
  },
  {
    dialect: "openai-chat",
    kind: "mistral",
    misfit: /^CreateChatCompletionRequest\.random_seed: is unknown$/,
    why: "Mistral's word for seed: https://docs.mistral.ai/api/#tag/chat",
  },
  {
    dialect: "openai-responses",
    misfit: /^CreateResponse\.input\[\d+\]\.id: is missing$/,
    why: "Reasoning that is not stored is sent back without an id: recorded requests have none, and the service answers.",
  },
  {
    dialect: "gemini",
    misfit: /^GenerateContentRequest\.safetySettings\[\d+\]\.(category|threshold): (must be string|is none of)/,
    why: "A client's own safety settings, with the numbers of an enumeration for its names: https://protobuf.dev/programming-guides/json/",
  },
  {
    dialect: "ollama",
    misfit: /^ChatRequest\.messages\[\d+\]\.(tool_name|tool_call_id|thinking|tool_calls\[\d+\]\.id): is unknown$/,
    why: "Ollama's file leaves out what its messages have: https://github.com/ollama/ollama/blob/main/api/types.go",
  },
];

const read = new Map<string, Schemas | undefined>();

function schemasIn(file: string): Schemas | undefined {
  if (!read.has(file)) {
    const named = publishedSchemas(file);
    read.set(file, named === undefined ? undefined : schemasOf(named, "closed"));
  }
  return read.get(file);
}

/** The dialect of a chat sent to this path; `undefined` where no chats of a known dialect are sent. */
export function dialectAt(path: string): string | undefined {
  return [...REQUESTS].find(([, request]) => request.path.test(path))?.[0];
}

/** A request as it is sent: its dialect, the kind of service it is for, and its body. */
export interface Sent {
  readonly dialect: string;
  readonly kind: string;
  readonly body: Json | undefined;
}

/**
 * Every way in which a request is not what its vendor's schema says, but for the exceptions, of which each one met is told to `excepted`;
 * none too where the schema is not at hand. Throws for a dialect whose requests nobody published a schema of.
 */
export function requestMisfits({ dialect, kind, body }: Sent, excepted: (exception: Exception) => void = () => {}): string[] {
  const request = REQUESTS.get(dialect);
  if (request === undefined) throw new Error(`no schema for requests of ${dialect}`);
  const found = schemasIn(request.file)?.misfits(dialect === "openai-responses" ? asStored(body) : body, request.schema) ?? [];
  return found.filter((misfit) => {
    const exception = EXCEPTIONS.find((row) => row.dialect === dialect && (row.kind ?? kind) === kind && row.misfit.test(misfit));
    if (exception !== undefined) excepted(exception);
    return exception === undefined;
  });
}

/**
 * One exception more. A refusal is a part of an assistant's message, and OpenAI's schema knows such parts in stored messages only, with what a
 * stored one has. The service answers without: recorded requests have it neither.
 */
function asStored(body: Json | undefined): JsonObject {
  const { input, ...rest } = objectOf(body);
  return { ...rest, ...(input === undefined ? {} : { input: Array.isArray(input) ? input.map(storedMessage) : input }) };
}

function storedMessage(item: Json): Json {
  const { role, content } = objectOf(item);
  if (role !== "assistant" || !listOf(content).some((part) => objectOf(part)["type"] === "refusal")) return item;
  const parts = listOf(content).map((part) => (objectOf(part)["type"] === "output_text" && isObject(part) ? { ...part, annotations: [], logprobs: [] } : part));
  return { ...objectOf(item), type: "message", id: "msg_1", status: "completed", content: parts };
}
