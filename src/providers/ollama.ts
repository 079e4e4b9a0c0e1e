import { listOf, objectOf, stringOf } from "../vocabulary/json.ts";
import { bearer, type Provider } from "./provider.ts";

/** The native API: the compatible one cuts prompts at a context size it cannot be told. */
export const ollama: Provider = {
  kind: "ollama",
  title: "Ollama",
  // Open WebUI and others write the compatible or the native base; the routes below hold both.
  strip: ["/v1", "/api"],
  keyVariables: ["OLLAMA_API_KEY"],
  baseUrlVariables: ["OLLAMA_BASE_URL", "OLLAMA_API_BASE"],
  keyRequired: false,
  probeUrl: "http://127.0.0.1:11434",
  authorize: bearer,
  routes: {
    chat: [
      { dialect: "ollama", path: "/api/chat" },
      { dialect: "ollama-generate", path: "/api/generate" },
    ],
    completions: [
      { dialect: "openai-completions", path: "/v1/completions" },
      { dialect: "ollama-generate", path: "/api/generate" },
    ],
    embeddings: [{ dialect: "ollama-embeddings", path: "/api/embed" }],
  },
  listing: { path: "/api/tags", read: (json) => listOf(objectOf(json)["models"]).flatMap((row) => stringOf(objectOf(row)["name"]) ?? []) },
  litellm: { names: ["ollama", "ollama_chat"] },
  // Lists nothing: models are read from disk for that.
  health: "api/version",
  selfHosted: true,
  // Ollama's own cloud speaks the same API (docs.ollama.com/cloud).
  isOwnAt: (host) => !/(^|\.)ollama\.com$/i.test(host),
  profile: {
    family: "ollama",
    streamUsage: "always",
    developerRole: false,
    // Pictures are bare base64 (routes.go).
    imageUrls: false,
    // A cold model is read from disk before its first token.
    deadlines: { firstToken: 300_000 },
  },
  families: [
    // A local Ollama passes these on to that cloud: `gpt-oss:120b-cloud`, `glm-4.6:cloud` (docs.ollama.com/cloud).
    { match: /[:-]cloud$/, profile: { remote: true } },
    // Levels, never off; the next take true or false; nothing is said to others, which would be refused (thinking page).
    { match: /^gpt-oss/, profile: { thinking: "level", efforts: ["low", "medium", "high"], thinkingOff: false } },
    { match: /^(deepseek-r1|deepseek-v3\.\d|magistral|qwen3(\.\d)?(:|$))/, profile: { thinking: "adaptive" } },
  ],
  knownModels: [],
};
