import { type JsonObject, objectOf, parseJson } from "../../../vocabulary/json.ts";

/** Objects of a stream that has one on each line, as Docker's long answers do. What is none is passed over. */
export async function* jsonLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<JsonObject> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") yield objectOf(parseJson(line));
  }
  if (rest.trim() !== "") yield objectOf(parseJson(rest));
}
