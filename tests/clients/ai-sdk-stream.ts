import { streamText } from "ai";

/** Everything a stream hears; `streamText` tells of errors as parts and by this callback. */
export async function listen(given: Parameters<typeof streamText>[0]) {
  const errors: unknown[] = [];
  const result = streamText({ maxRetries: 0, onError: ({ error }) => void errors.push(error), ...given });
  const types: string[] = [];
  let text = "";
  let reasoning = "";
  for await (const part of result.fullStream) {
    if (types.at(-1) !== part.type) types.push(part.type);
    if (part.type === "text-delta") text += part.text;
    if (part.type === "reasoning-delta") reasoning += part.text;
  }
  return { result, errors, types, text, reasoning };
}
