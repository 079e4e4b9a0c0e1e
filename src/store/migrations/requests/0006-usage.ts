import type { Migration } from "../../migrate.ts";

/** What is added up of a row that no cache answered. */
export const UNITS = [
  ...["input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning", "audio_input", "audio_output", "image_input", "image_output"],
  ...["milliseconds", "characters", "images", "searches", "web_searches", "gpu_milliseconds", "cache_audio_read", "cache_image_read", "citations"],
];
const FROM_CACHE = "COALESCE(cache, '') IN ('hit', 'shared', 'semantic')";

/**
 * What was used, by the hour: rows of `requests` added up, so that reports never read those, and outlive them. An empty text is a row that has none.
 * The rows that are there already are added up here.
 */
export const usage: Migration = {
  id: "0006-usage",
  up: `
    CREATE TABLE usage_hours (
      hour INTEGER NOT NULL,
      model TEXT NOT NULL,
      deployment TEXT NOT NULL,
      key_id TEXT NOT NULL,
      user_id TEXT NOT NULL,
      team_id TEXT NOT NULL,
      source TEXT NOT NULL,
      operation TEXT NOT NULL,
      outcome TEXT NOT NULL,
      requests INTEGER NOT NULL,
      from_cache INTEGER NOT NULL,
      unpriced INTEGER NOT NULL,
      ${UNITS.map((unit) => `${unit} INTEGER NOT NULL,`).join("\n      ")}
      cost INTEGER NOT NULL,
      charge INTEGER NOT NULL,
      PRIMARY KEY (hour, model, deployment, key_id, user_id, team_id, source, operation, outcome)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO usage_hours (
      hour, model, deployment, key_id, user_id, team_id, source, operation, outcome,
      requests, from_cache, unpriced, ${UNITS.join(", ")}, cost, charge
    )
    SELECT
      started_at - started_at % 3600000, model, COALESCE(deployment, ''), COALESCE(key_id, ''), COALESCE(user_id, ''), COALESCE(team_id, ''),
      COALESCE(source, ''), operation, outcome,
      COUNT(*),
      SUM(CASE WHEN ${FROM_CACHE} THEN 1 ELSE 0 END),
      SUM(CASE WHEN evidence IS NOT NULL AND (cost IS NULL OR charge IS NULL) AND NOT ${FROM_CACHE} THEN 1 ELSE 0 END),
      ${UNITS.map((unit) => `SUM(CASE WHEN ${FROM_CACHE} THEN 0 ELSE COALESCE(${unit}, 0) END)`).join(",\n      ")},
      COALESCE(SUM(cost), 0),
      COALESCE(SUM(charge), 0)
    FROM requests
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9;
  `,
};
