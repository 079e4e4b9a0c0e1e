import type { Migration } from "../../migrate.ts";

/** What calls that are not counted in tokens alone consumed: audio heard, text spoken, pictures made, searches. Whole numbers, as money needs them. */
export const units: Migration = {
  id: "0002-units",
  up: `
    ALTER TABLE requests ADD COLUMN image_output INTEGER;
    ALTER TABLE requests ADD COLUMN milliseconds INTEGER;
    ALTER TABLE requests ADD COLUMN characters INTEGER;
    ALTER TABLE requests ADD COLUMN images INTEGER;
    ALTER TABLE requests ADD COLUMN searches INTEGER;
  `,
};
