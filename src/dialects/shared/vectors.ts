import type { Vector } from "../../vocabulary/embeddings.ts";

/** Numbers as base64 of little-endian 32-bit floats; base64 passes unchanged. */
export function base64Of(vector: Vector): string {
  if (typeof vector === "string") return vector;
  const bytes = Buffer.allocUnsafe(vector.length * 4);
  for (let index = 0; index < vector.length; index++) bytes.writeFloatLE(vector[index] ?? 0, index * 4);
  return bytes.toString("base64");
}

/** Base64 of little-endian 32-bit floats as numbers; numbers pass unchanged. Bytes past the last whole float are ignored. */
export function floatsOf(vector: Vector): readonly number[] {
  if (typeof vector !== "string") return vector;
  const bytes = Buffer.from(vector, "base64");
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) => bytes.readFloatLE(index * 4));
}
