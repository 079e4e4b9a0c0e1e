import type { Reloaded } from "../admin/config.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { Log } from "../telemetry/log.ts";
import type { Installation } from "./installation.ts";
import { repeatedly } from "./repeatedly.ts";
import type { Replicas } from "./replicas.ts";
import { needsRestart } from "./restart.ts";
import type { TakingOver } from "./taking-over.ts";

interface Changing {
  readonly installation: Installation;
  readonly replicas: Replicas;
  readonly models: Pick<Catalog, "names">;
  /** The keys that the config declares. */
  readonly keys: Pick<TakingOver, "attempt">;
  readonly log: Log;
  /** Another config is in force: whoever keeps something of it looks again. */
  readonly changed: () => void;
}

/** How what is in force is replaced: when somebody asks for it, here or at another gateway, and when providers list other models. */
export function openChanging({ installation, replicas, models, keys, log, changed }: Changing): { reload(): Promise<Reloaded>; stop(): void } {
  const settings = () => installation.current().snapshot.settings;
  const takeOver = async (): Promise<Reloaded> => {
    const before = settings();
    const { snapshot } = await installation.reload();
    changed();
    const taken = await keys.attempt();
    const about = taken?.warnings ?? ["The database is away: what the config says of keys is in force once it is back."];
    log.info("config reloaded", { models: models.names().length });
    return { models: models.names(), notices: [...snapshot.notices, ...about], restart: needsRestart(before, snapshot.settings) };
  };
  replicas.hear("config", () => void takeOver().catch((error) => log.error("another gateway has reloaded its config, this one could not", { error })));
  const stop = repeatedly({
    every: () => settings().server.refresh_models,
    work: async () => {
      if (!(await installation.refresh())) return;
      changed();
      log.info("providers list other models now", { models: models.names().length });
    },
    complain: (error) => log.error("providers could not be asked for their models", { error }),
  });
  return {
    stop,
    async reload() {
      const reloaded = await takeOver();
      replicas.tell("config", "");
      return reloaded;
    },
  };
}
