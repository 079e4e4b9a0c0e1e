import { unknownPrevious } from "../../dialects/openai-responses/inbound/read/request.ts";
import { openaiResponsesInbound } from "../../dialects/openai-responses/inbound.ts";
import { editTopLevel } from "../../dialects/shared/json/edits.ts";
import type { ChatCall } from "../../vocabulary/dialect.ts";
import { invalidRequest } from "../../vocabulary/failure.ts";
import { isObject, type Json, listOf, objectOf, parseJson, stringOf } from "../../vocabulary/json.ts";
import type { KeptResponse } from "../../vocabulary/kept-response.ts";
import type { Asked } from "../serve-chat.ts";
import type { ResponseMemory } from "../signalbox.ts";

/**
 * The call with what it refers to by id put in its place: the conversation before `previous_response_id`, and items named by reference.
 * A deployment whose provider keeps the previous answer itself gets the call as it was sent. What is not known here stays as it is: its
 * provider may know it, and no other can be asked.
 */
export async function recall(sent: ChatCall, owner: string, memory: ResponseMemory | undefined): Promise<Asked> {
  const previous = stringOf(sent.json["previous_response_id"]);
  const references = referencesIn(sent.json["input"]);
  if (memory === undefined || (previous === undefined && references.length === 0)) return { call: sent };
  if (references.length > MOST_REFERENCES) throw invalidRequest("input", `input refers to more than ${MOST_REFERENCES} items. Send the items themselves.`);
  const [line, items] = await Promise.all([
    previous === undefined ? [] : memory.conversation(previous, owner),
    references.length === 0 ? NOTHING : memory.items(references, owner),
  ]);
  await refuseOthers({ previous: line.length === 0 ? previous : undefined, references: references.filter((id) => !items.has(id)), owner, memory });
  if (line.length === 0 && items.size === 0) return { call: sent };
  const input = [...line.flatMap(itemsOf), ...inputItems(sent.json["input"]).map((item) => inPlaceOf(item, items))];
  const text = editTopLevel(sent.text, { set: { input: JSON.stringify(input) }, remove: line.length === 0 ? [] : ["previous_response_id"] });
  const read = openaiResponsesInbound.readCall({ text, headers: sent.headers, rest: "" });
  // The answer says what it goes on from, as the client put it.
  const whole: ChatCall = { ...read, json: { ...sent.json, input: read.json["input"] } };
  const holder = line.at(-1)?.deployment;
  return holder === undefined ? { call: whole } : { call: whole, holder, asSent: sent };
}

const MOST_REFERENCES = 1000;

/** Providers keep the answers of all our users under one account: whose they are is for us to mind. */
async function refuseOthers({ previous, references, owner, memory }: Unfound): Promise<void> {
  if (previous !== undefined && (await memory.anyOfOthers([previous], owner))) throw unknownPrevious(previous);
  if (references.length > 0 && (await memory.anyOfOthers(references, owner)))
    throw invalidRequest("input", "input refers to an item that is not here. Send the item itself.");
}

interface Unfound {
  readonly previous: string | undefined;
  readonly references: readonly string[];
  readonly owner: string;
  readonly memory: ResponseMemory;
}

const NOTHING: ReadonlyMap<string, string> = new Map();

function referencesIn(input: Json | undefined): string[] {
  return listOf(input).flatMap((item) => (isReference(item) ? [item.id] : []));
}

/** AI SDK and others send `{id}` with its type or without it: https://platform.openai.com/docs/api-reference/responses/create, `item_reference`. */
function isReference(item: Json): item is { id: string } {
  if (!isObject(item) || typeof item["id"] !== "string") return false;
  return item["type"] === "item_reference" || Object.keys(item).every((name) => name === "id" || (name === "type" && item["type"] === null));
}

function inPlaceOf(item: Json, found: ReadonlyMap<string, string>): Json {
  return isReference(item) ? (parseJson(found.get(item.id) ?? "") ?? item) : item;
}

function itemsOf({ input, body }: KeptResponse): Json[] {
  return [...listOf(parseJson(input)), ...listOf(objectOf(parseJson(body))["output"])];
}

/** `input` as a list of items, however it was given. */
export function inputItems(input: Json | undefined): Json[] {
  return typeof input === "string" ? [{ type: "message", role: "user", content: [{ type: "input_text", text: input }] }] : listOf(input);
}
