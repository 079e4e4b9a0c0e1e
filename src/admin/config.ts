import { ConfigError, problemText } from "../config/file/problem.ts";
import type { ShownValue } from "../config/show.ts";
import { jsonReply, type Route } from "../gateway/visit/exchange.ts";
import { invalidRequest } from "../vocabulary/failure.ts";

/** What became of a reload. */
export interface Reloaded {
  readonly models: readonly string[];
  readonly notices: readonly string[];
  /** Values that changed and need a restart to take effect. */
  readonly restart: readonly string[];
}

/** The config as management sees it. */
export interface ConfigDesk {
  shown(): readonly ShownValue[];
  /** Builds the whole new snapshot and swaps it in only when it is valid. Throws `ConfigError` when it is not. */
  reload(): Promise<Reloaded>;
}

/** `/admin/config` shows every value in force and where it comes from; `/admin/reload` takes over what has changed. */
export function configRoutes(desk: ConfigDesk): Route[] {
  return [
    { method: "GET", path: "/admin/config", admits: "operator", handle: () => jsonReply({ data: desk.shown(), next: null }) },
    {
      method: "POST",
      path: "/admin/reload",
      admits: "operator",
      action: "config.reload",
      async handle() {
        try {
          return jsonReply(await desk.reload());
        } catch (error) {
          if (error instanceof ConfigError) throw invalidRequest("", `Nothing was changed. ${error.problems.map(problemText).join(" ")}`);
          throw error;
        }
      },
    },
  ];
}
