import type { Migration } from "../../migrate.ts";

/** The rows of a key, a user or a team are found among ten million without reading the others. */
export const owners: Migration = {
  id: "0008-owners",
  up: `
    CREATE INDEX requests_key ON requests (key_id, started_at) WHERE key_id IS NOT NULL;
    CREATE INDEX requests_user ON requests (user_id, started_at) WHERE user_id IS NOT NULL;
    CREATE INDEX requests_team ON requests (team_id, started_at) WHERE team_id IS NOT NULL;
  `,
};
