import type { Migration } from "../../migrate.ts";

/** For whose team a request was, what it cost and what was charged, in nano-USD, and the last of the units that prices know. */
export const charges: Migration = {
  id: "0005-charges",
  up: `
    ALTER TABLE requests ADD COLUMN team_id TEXT;
    ALTER TABLE requests ADD COLUMN web_searches INTEGER;
    ALTER TABLE requests ADD COLUMN gpu_milliseconds INTEGER;
    ALTER TABLE requests ADD COLUMN cache_audio_read INTEGER;
    ALTER TABLE requests ADD COLUMN cache_image_read INTEGER;
    ALTER TABLE requests ADD COLUMN citations INTEGER;
    ALTER TABLE requests ADD COLUMN cost INTEGER;
    ALTER TABLE requests ADD COLUMN charge INTEGER;
  `,
};
