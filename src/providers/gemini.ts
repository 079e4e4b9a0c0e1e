import { listOf, objectOf, stringOf } from "../vocabulary/json.ts";
import type { Provider } from "./provider.ts";

/** `{models: [{name: "models/…", supportedGenerationMethods}]}`: those that chat or embed, without the `models/`. */
function readModels(json: unknown): readonly string[] {
  return listOf(objectOf(json)["models"]).flatMap((row) => {
    const name = stringOf(objectOf(row)["name"])?.replace(/^models\//, "");
    const methods = listOf(objectOf(row)["supportedGenerationMethods"]);
    return name !== undefined && (methods.includes("generateContent") || methods.includes("embedContent")) ? [name] : [];
  });
}

export const gemini: Provider = {
  kind: "gemini",
  title: "Google Gemini",
  baseUrl: "https://generativelanguage.googleapis.com/v1beta",
  version: { path: "/v1beta", when: "bare" },
  keyVariables: ["GEMINI_API_KEY", "GOOGLE_GEMINI_API_KEY"],
  baseUrlVariables: ["GEMINI_BASE_URL", "GOOGLE_GEMINI_BASE_URL"],
  keyRequired: true,
  authorize: (key) => ({ "x-goog-api-key": key }),
  routes: {
    chat: [{ dialect: "gemini", path: "/models/{model}:generateContent", streamPath: "/models/{model}:streamGenerateContent?alt=sse" }],
    "count-tokens": [{ dialect: "gemini", path: "/models/{model}:countTokens" }],
    embeddings: [{ dialect: "gemini-embeddings", path: "/models/{model}:batchEmbedContents" }],
  },
  listing: { path: "/models?pageSize=1000", read: readModels },
  priceList: "google",
  litellm: { names: ["gemini"] },
  profile: {
    family: "gemini",
    streamUsage: "always",
    developerRole: false,
    thinking: "none",
    // `fileData.fileUri` takes its own file store, not any URL (API reference).
    imageUrls: false,
    // "up to 5" (API reference, stopSequences).
    maxStops: 5,
    maxOutput: 8192,
  },
  families: [
    // 2.5 thinks by a budget; 0 turns it off, but not on Pro, whose least is 128 (thinking guide).
    {
      match: /^gemini-2\.5/,
      profile: { thinking: "budget", efforts: ["minimal", "low", "medium", "high"], maxOutput: 65_536, deadlines: { firstToken: 180_000, total: 1_800_000 } },
    },
    { match: /^gemini-2\.5-pro/, profile: { thinkingOff: false } },
    // 3 and later think by level and never wholly stop (Gemini 3 guide); their function results may hold pictures.
    {
      match: /^gemini-([3-9]|(pro|flash|flash-lite)-latest)/,
      profile: {
        thinking: "level",
        efforts: ["low", "medium", "high"],
        thinkingOff: false,
        toolResultImages: true,
        maxOutput: 65_536,
        deadlines: { firstToken: 180_000, total: 1_800_000 },
      },
    },
    // The levels each has (thinking guide): `medium` came to Pro with 3.1, `minimal` is Flash's up to 3.6 and a 400 elsewhere.
    { match: /^gemini-3-pro/, profile: { efforts: ["low", "high"] } },
    { match: /^gemini-3(\.[1-6])?-flash/, profile: { efforts: ["minimal", "low", "medium", "high"] } },
  ],
  knownModels: ["gemini-2.5-flash", "gemini-2.5-pro", "gemini-embedding-001"],
};
