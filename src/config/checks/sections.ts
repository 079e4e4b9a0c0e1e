import type { Tell } from "../file/problem.ts";
import type { Settings } from "../schema/schema.ts";
import { type PublicNames, suggestion } from "./names.ts";

/** Tells of fields that contradict each other, or need another one. `names`: absent while models are only discovered. */
export function checkSections(settings: Settings, names: PublicNames | undefined, tell: Tell): void {
  for (const [name, provider] of Object.entries(settings.providers))
    if (provider.api_key !== undefined && provider.api_keys !== undefined)
      tell(["providers", name, "api_keys"], "api_key and api_keys are both given.", "Put all keys in api_keys.");
  const { store, semantic } = settings.cache;
  if (store === "redis" && settings.redis.url === "") tell(["cache", "store"], "redis needs redis.url.", "Set redis.url, or REDIS_URL in the environment.");
  if (settings.limits.store === "redis" && settings.redis.url === "")
    tell(["limits", "store"], "redis needs redis.url.", "Set redis.url, or REDIS_URL in the environment.");
  if (semantic.mode === "off") return;
  const { embedding_model: model } = semantic;
  if (model === undefined) tell(["cache", "semantic", "mode"], `${semantic.mode} needs embedding_model.`, "Name a model that embeds, or set mode to off.");
  const used = [
    { name: model, path: ["cache", "semantic", "embedding_model"] },
    ...semantic.models.map((name, index) => ({ name, path: ["cache", "semantic", "models", index] })),
  ];
  for (const { name, path } of used)
    if (names !== undefined && name !== undefined && names.entryOf(name) === undefined)
      tell(path, `there is no model named ${name}.`, suggestion(name, names.known, "models"));
}
