import { z } from "zod";
import { settingsSchema } from "./schema.ts";

/** JSON Schema of `signalbox.yaml`, for editors: every field with its description and default. */
export function configJsonSchema(kinds: readonly string[]): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(settingsSchema(kinds), { io: "input" });
  return { $schema, title: "signalbox.yaml", description: "Configuration of Signalbox. Any value may be ${NAME} or ${NAME:-default}.", ...schema };
}
