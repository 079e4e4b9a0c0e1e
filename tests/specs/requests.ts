import { type Json, type JsonObject, objectOf } from "../../src/vocabulary/json.ts";
import { type Schemas, schemasOf } from "./schemas.ts";
import { publishedSchemas } from "./vendors.ts";

/** What each dialect's vendor says a request is: its file, and the schema's name in it. */
const REQUESTS = {
  "openai-chat": { file: "openai.openapi.json", schema: "CreateChatCompletionRequest" },
  "openai-responses": { file: "openai.openapi.json", schema: "CreateResponse" },
  "anthropic-messages": { file: "anthropic.openapi.yml", schema: "BetaCreateMessageParams" },
  gemini: { file: "gemini.discovery.json", schema: "GenerateContentRequest" },
  ollama: { file: "ollama.openapi.yaml", schema: "ChatRequest" },
} as const satisfies Readonly<Record<string, { readonly file: string; readonly schema: string }>>;

const read = new Map<string, Schemas | undefined>();

function schemasIn(file: string): Schemas | undefined {
  if (!read.has(file)) {
    const named = publishedSchemas(file);
    read.set(file, named === undefined ? undefined : schemasOf(named, "closed"));
  }
  return read.get(file);
}

/** Every way in which the body of a request in this dialect is not what its vendor's schema says; none too where the schema is not at hand. */
export function requestMisfits(dialect: string, body: Json | undefined): string[] {
  const { file, schema } = REQUESTS[dialect as keyof typeof REQUESTS];
  return schemasIn(file)?.misfits(body, schema) ?? [];
}
