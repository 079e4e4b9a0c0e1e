import type { Settings } from "../config/schema/schema.ts";

/** What a reload cannot change, when it did change in the file. */
export function needsRestart(before: Settings, after: Settings): string[] {
  const fixed: [string, (settings: Settings) => unknown][] = [
    ["server.host", (settings) => settings.server.host],
    ["server.port", (settings) => settings.server.port],
    ["server.ollama_api", (settings) => settings.server.ollama_api],
    ["database.url", (settings) => settings.database.url],
    ["database.data_dir", (settings) => settings.database.data_dir],
    ["database.timeout", (settings) => settings.database.timeout],
    ["database.known_keys", (settings) => settings.database.known_keys],
    ["redis.url", (settings) => settings.redis.url],
    ["redis.timeout", (settings) => settings.redis.timeout],
    ["limits.store", (settings) => settings.limits.store],
    ["cache.store", (settings) => settings.cache.store],
    ["cache.max_mb", (settings) => settings.cache.max_mb],
    ["cache.semantic.max_entries", (settings) => settings.cache.semantic.max_entries],
    ["fleet.engines: the first ones", (settings) => Object.keys(settings.fleet.engines).length === 0],
    ["fleet.driver", (settings) => driversOf(settings)],
    ["fleet.nodes", (settings) => JSON.stringify(settings.fleet.nodes)],
    ["fleet.gpus", (settings) => JSON.stringify(settings.fleet.gpus)],
    ["fleet.docker", (settings) => JSON.stringify(settings.fleet.docker)],
    ["fleet.kubernetes", (settings) => JSON.stringify(settings.fleet.kubernetes)],
    ["billing.durability", (settings) => settings.billing.durability],
    ["telemetry.log_level", (settings) => settings.telemetry.log_level],
  ];
  return fixed.filter(([, value]) => value(before) !== value(after)).map(([name]) => name);
}

/** Who runs engines, in one word. */
function driversOf({ fleet }: Settings): string {
  return [...new Set(Object.values(fleet.engines).map(({ driver = fleet.driver }) => driver))].sort().join(" ");
}
