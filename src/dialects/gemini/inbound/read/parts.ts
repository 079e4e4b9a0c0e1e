import type { AssistantPart, Message, UserPart } from "../../../../vocabulary/chat.ts";
import type { JsonObject } from "../../../../vocabulary/json.ts";
import { placed } from "../../../shared/places.ts";
import { codeText } from "../../code.ts";
import { fieldOf, objectIn, objectsIn, refuse, stringIn } from "../../fields.ts";
import type { CallIds } from "./call-ids.ts";
import { readMedia } from "./media.ts";

type ToolMessage = Extract<Message, { role: "tool" }>;

/** A part of the model's turn; `undefined` for one that says nothing. Throws `invalid-request` at its path for what no model but Gemini can be told. */
export function readModelPart(part: JsonObject, path: string, ids: CallIds): AssistantPart | undefined {
  const proof = stringIn(part, "thoughtSignature", `${path}.thoughtSignature`);
  const signed = proof === undefined ? {} : { signature: proof };
  const call = objectIn(part, "functionCall", `${path}.functionCall`);
  if (call !== undefined) return { ...readCall(call, `${path}.functionCall`, ids), ...signed };
  if (fieldOf(part, "functionResponse") !== undefined) refuse(`${path}.functionResponse`, "stands in a model's turn. Send results in a content of role user");
  const media = readAnyMedia(part, path);
  if (media !== undefined) {
    if (media.type !== "image") return refuse(path, "is the model's own audio or file, which this model's provider does not take back. Leave it out");
    return { ...media, ...signed };
  }
  const text = readText(part, path);
  // A thought's signature is Gemini's; in our words a signature on thinking is Claude's, who would refuse this one.
  if (fieldOf(part, "thought") === true) return text ? { type: "thinking", text } : undefined;
  if (text === undefined && proof === undefined) return refuse(path, NOTHING_KNOWN);
  return text || proof ? { type: "text", text: text ?? "", ...signed } : undefined;
}

/** A part of the user's turn, likewise, but for the results of functions. */
export function readUserPart(part: JsonObject, path: string): UserPart | undefined {
  if (fieldOf(part, "functionCall") !== undefined)
    refuse(`${path}.functionCall`, "stands in a user's turn. Calls are the model's: send them in a content of role model");
  const media = readAnyMedia(part, path);
  if (media !== undefined) return media;
  const text = readText(part, path) ?? refuse(path, NOTHING_KNOWN);
  return text === "" ? undefined : { type: "text", text };
}

const NOTHING_KNOWN = "holds nothing that can be translated for this model's provider. Send text, inlineData, fileData, functionCall or functionResponse";

/** A function's result, in Google's words an object: what its author put under `output` or `error`, where nothing else stands beside it, or the whole as JSON. */
export function readResult(part: JsonObject, path: string, ids: CallIds): ToolMessage | undefined {
  const response = objectIn(part, "functionResponse", path);
  if (response === undefined) return undefined;
  const own = stringIn(response, "id", `${path}.id`);
  const name =
    stringIn(response, "name", `${path}.name`) ?? ids.nameOf(own ?? "") ?? refuse(`${path}.name`, "is missing: name the function that this is the result of");
  const { text, failed } = wordsOf(objectIn(response, "response", `${path}.response`) ?? {});
  const parts: UserPart[] = text === "" ? [] : [{ type: "text", text }];
  objectsIn(response, "parts", `${path}.parts`).forEach((inner, index) => {
    const inside = `${path}.parts[${index}]`;
    parts.push(placed(readAnyMedia(inner, inside) ?? refuse(inside, "must hold inlineData or fileData"), inside));
  });
  return { role: "tool", callId: ids.ofResult(name, own), toolName: name, parts, ...(failed ? { failed } : {}) };
}

function wordsOf(response: JsonObject): { readonly text: string; readonly failed: boolean } {
  const [name, ...others] = Object.keys(response);
  const only = others.length === 0 && name !== undefined ? response[name] : undefined;
  if (typeof only === "string" && (name === "output" || name === "error")) return { text: only, failed: name === "error" };
  return { text: name === undefined ? "" : JSON.stringify(response), failed: false };
}

function readCall(call: JsonObject, path: string, ids: CallIds): Extract<AssistantPart, { type: "tool-call" }> {
  const name = stringIn(call, "name", `${path}.name`) ?? refuse(`${path}.name`, "is missing: name the function that was called");
  const id = ids.ofCall(name, stringIn(call, "id", `${path}.id`));
  return { type: "tool-call", id, name, arguments: JSON.stringify(objectIn(call, "args", `${path}.args`) ?? {}) };
}

function readAnyMedia(part: JsonObject, path: string): ReturnType<typeof readMedia> | undefined {
  for (const kind of ["inlineData", "fileData"] as const) {
    const data = objectIn(part, kind, `${path}.${kind}`);
    if (data !== undefined) return readMedia(kind, data, `${path}.${kind}`);
  }
  return undefined;
}

function readText(part: JsonObject, path: string): string | undefined {
  return stringIn(part, "text", `${path}.text`) ?? codeText(part);
}
