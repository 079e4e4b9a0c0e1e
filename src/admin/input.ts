import type { z } from "zod";
import { invalidRequest } from "../vocabulary/failure.ts";
import { parseJson } from "../vocabulary/json.ts";

/** A management request's body by its schema. Throws `invalid-request` with the path of the first field at fault. */
export function readInput<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> {
  const json = parseJson(text);
  if (json === undefined) throw invalidRequest("", "The request body is not valid JSON.");
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = issue?.path.join(".") ?? "";
  throw invalidRequest(path, `${path === "" ? "The request body" : path}: ${issue?.message ?? "not understood"}.`);
}

/** Milliseconds since 1970 as ISO 8601 in UTC; `null` for none. */
export function isoTime(milliseconds: number | undefined): string | null {
  return milliseconds === undefined ? null : new Date(milliseconds).toISOString();
}
