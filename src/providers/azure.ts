import type { Routes } from "../vocabulary/service.ts";
import { OPENAI_FAMILIES, OPENAI_PROFILE } from "./openai-families.ts";
import type { Provider, Whereabouts } from "./provider.ts";

/** The resource's address, and the paths of its current (`/openai/v1`) or its older, per-deployment interface. */
function locate(at: Whereabouts): { baseUrl?: string; routes: Routes } {
  const given = at.baseUrl ?? (at.resource === undefined ? undefined : `https://${at.resource}.openai.azure.com`);
  const prefix = at.deploymentPaths ? "/openai/deployments/{model}" : "/openai/v1";
  const version = at.apiVersion ?? (at.deploymentPaths ? "2024-10-21" : undefined);
  const query = version === undefined ? "" : `?api-version=${encodeURIComponent(version)}`;
  return {
    baseUrl: given?.replace(/\/openai(\/v1)?$/, ""),
    routes: {
      chat: [
        { dialect: "openai-chat", path: `${prefix}/chat/completions${query}` },
        // The older interface has no Responses below a deployment.
        ...(at.deploymentPaths ? [] : [{ dialect: "openai-responses", path: `${prefix}/responses${query}` } as const]),
      ],
      completions: [{ dialect: "openai-completions", path: `${prefix}/completions${query}` }],
      embeddings: [{ dialect: "openai-embeddings", path: `${prefix}/embeddings${query}` }],
      images: [{ dialect: "openai-images", path: `${prefix}/images/generations${query}` }],
      // Of the older interface from 2025-04-01-preview on.
      "image-edits": [{ dialect: "openai-images", path: `${prefix}/images/edits${query}` }],
      transcriptions: [{ dialect: "openai-audio", path: `${prefix}/audio/transcriptions${query}` }],
      translations: [{ dialect: "openai-audio", path: `${prefix}/audio/translations${query}` }],
      speech: [{ dialect: "openai-audio", path: `${prefix}/audio/speech${query}` }],
    },
  };
}

/** Azure lists what a resource could deploy, not what it has deployed: its models are named in the config. */
export const azure: Provider = {
  kind: "azure",
  title: "Azure OpenAI",
  keyVariables: ["AZURE_OPENAI_API_KEY", "AZURE_API_KEY"],
  baseUrlVariables: ["AZURE_OPENAI_ENDPOINT", "AZURE_API_BASE"],
  keyRequired: true,
  authorize: (key) => ({ "api-key": key }),
  routes: locate({}).routes,
  locate,
  // What its models thought in secret OpenAI itself cannot read, nor the other way round.
  priceList: "azure",
  litellm: { names: ["azure"] },
  profile: { ...OPENAI_PROFILE, family: "azure" },
  families: OPENAI_FAMILIES,
  knownModels: [],
};
