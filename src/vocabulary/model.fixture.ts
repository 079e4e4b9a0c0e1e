import type { Deployment } from "./deployment.ts";
import type { Model } from "./model.ts";
import { PLAIN_PROFILE } from "./profile.ts";
import type { Service } from "./service.ts";

/** A service that chats as OpenAI does. */
export function testService(name: string, more: Partial<Service> = {}): Service {
  const keys: Service["keys"] = [{ name: "", headers: {} }];
  return {
    name,
    kind: "openai",
    baseUrl: `http://${name}`,
    keys,
    secrets: [],
    routes: { chat: [{ dialect: "openai-chat", path: "/chat/completions" }] },
    ...more,
  };
}

/** A deployment about which little is known. */
export function testDeployment(id: string, more: Partial<Deployment> = {}): Deployment {
  return { id, service: testService(id), model: id, profile: PLAIN_PROFILE, weight: 1, tier: 0, tags: [], limits: {}, ...more };
}

/** A model with these deployments. */
export function testModel(name: string, deployments: readonly Deployment[], more: Partial<Model> = {}): Model {
  return {
    name,
    deployments,
    aliases: [],
    fallbacks: [],
    contextFallbacks: [],
    contentFallbacks: [],
    ownedBy: "test",
    listed: true,
    strategy: "weighted",
    rules: [],
    ...more,
  };
}
