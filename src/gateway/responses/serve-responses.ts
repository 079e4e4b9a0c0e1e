import { openaiResponsesInbound } from "../../dialects/openai-responses/inbound.ts";
import type { Caller } from "../../vocabulary/caller.ts";
import type { ChatCall } from "../../vocabulary/dialect.ts";
import { stringOf } from "../../vocabulary/json.ts";
import { admit } from "../admit.ts";
import { answerChat, type ChatDoor } from "../serve-chat.ts";
import type { Signalbox } from "../signalbox.ts";
import type { Exchange, Reply } from "../visit/exchange.ts";
import type { Visit } from "../visit/visit.ts";
import { inputItems, recall } from "./recall.ts";
import { type Keep, remembering } from "./remember.ts";

const DOOR: ChatDoor = { face: openaiResponsesInbound, operation: "chat" };

/** The story of a response: a chat's, with what was said before put in its place first, and kept afterwards. */
export async function serveResponses(exchange: Exchange, box: Signalbox): Promise<Reply> {
  const { visit } = exchange;
  visit.operation = DOOR.operation;
  visit.dialect = DOOR.face.name;
  const caller = await admit(exchange, box);
  const call = DOOR.face.readCall({ text: await exchange.body(), headers: exchange.headers, rest: exchange.rest });
  // OpenAI keeps what it is not told to forget, and its clients count on it: the AI SDK refers to items by id.
  const kept = box.responses !== undefined && call.json["store"] !== false;
  const sent: ChatCall = kept ? call : { ...call, json: { ...call.json, store: false } };
  const asked = await recall(sent, ownerOf(caller), box.responses);
  const reply = await answerChat(asked, caller, DOOR, visit, box);
  return kept ? remembering(reply, keeping(sent, caller, visit, box)) : reply;
}

/** Whose responses these are: the user's, over all their keys, or else the key's. */
export function ownerOf({ userId, keyId }: Caller): string {
  return userId ?? keyId;
}

function keeping(sent: ChatCall, caller: Caller, visit: Visit, { responses }: Signalbox): Keep {
  return (response) => {
    const served = visit.served;
    responses?.keep({
      id: String(response["id"]),
      owner: ownerOf(caller),
      previous: stringOf(sent.json["previous_response_id"]),
      deployment: served?.route.dialect === DOOR.face.name ? served.deployment.id : undefined,
      input: JSON.stringify(inputItems(sent.json["input"])),
      body: JSON.stringify(response),
    });
  };
}
