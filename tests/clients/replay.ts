import { listOf, objectOf, parseJson, stringOf } from "../../src/vocabulary/json.ts";
import type { RequestRecord } from "../../src/vocabulary/record.ts";

import type { TestBox } from "../harness/box.ts";
import { until } from "../harness/until.ts";

/** What a client reads of a stream of chat chunks, by the rules of those that read the strictest: calls by their index, usage from the chunk without choices. */
export interface ReadStream {
  readonly text: string;
  readonly thinking: string;
  /** In the order of their indexes; a call whose deltas lack the index is not among them. */
  readonly calls: readonly { readonly name: string; readonly arguments: string }[];
  /** The one call of clients that know functions from before there were tools. */
  readonly functionCall: { readonly name: string; readonly arguments: string };
  readonly finish: string | undefined;
  readonly usage: unknown;
  /** The error of a frame, if there was one. */
  readonly error: unknown;
  readonly ended: boolean;
}

export function readChat(raw: string): ReadStream {
  const chunks = framesOf(raw);
  const deltas = chunks.flatMap((chunk) => listOf(chunk["choices"]).map((choice) => objectOf(objectOf(choice)["delta"])));
  const said = (field: string) => deltas.map((delta) => stringOf(delta[field]) ?? "").join("");
  const calls: { name: string; arguments: string }[] = [];
  for (const delta of deltas.flatMap((each) => listOf(each["tool_calls"]).map(objectOf))) {
    if (typeof delta["index"] !== "number") continue;
    const call = (calls[delta["index"]] ??= { name: "", arguments: "" });
    const part = objectOf(delta["function"]);
    call.name += stringOf(part["name"]) ?? "";
    call.arguments += stringOf(part["arguments"]) ?? "";
  }
  const functionCall = { name: "", arguments: "" };
  for (const delta of deltas) {
    functionCall.name += stringOf(objectOf(delta["function_call"])["name"]) ?? "";
    functionCall.arguments += stringOf(objectOf(delta["function_call"])["arguments"]) ?? "";
  }
  const finishes = chunks.flatMap((chunk) => listOf(chunk["choices"]).map((choice) => objectOf(choice)["finish_reason"]));
  return {
    text: said("content"),
    thinking: said("reasoning_content"),
    calls,
    functionCall,
    finish: finishes.findLast((reason) => typeof reason === "string") as string | undefined,
    usage: chunks.findLast((chunk) => chunk["usage"])?.["usage"],
    error: chunks.find((chunk) => chunk["error"])?.["error"],
    ended: raw.endsWith("data: [DONE]\n\n"),
  };
}

/** The row of the request that was answered with this, as soon as it is over. */
export async function rowOf(response: Response, box: TestBox): Promise<RequestRecord> {
  await response.text();
  const id = response.headers.get("x-request-id");
  const found = () => box.records.find((record) => record.id === id);
  await until("the request to be over", () => found() !== undefined);
  return found() as RequestRecord;
}

/** The JSON of a stream's frames. */
export const framesOf = (raw: string) =>
  raw
    .split("\n")
    .filter((line) => line.startsWith("data: {"))
    .map((line) => objectOf(parseJson(line.slice("data: ".length))));

/** An image, as small as they come. */
export const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
