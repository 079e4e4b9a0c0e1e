import type { AssistantPart, Message, TextPart, UserPart } from "../../../../vocabulary/chat.ts";
import { invalidRequest } from "../../../../vocabulary/failure.ts";
import type { JsonObject } from "../../../../vocabulary/json.ts";
import { placed } from "../../../shared/places.ts";
import { fieldOf, objectIn, objectsIn, refuse } from "../../fields.ts";
import { CallIds } from "./call-ids.ts";
import { readModelPart, readResult, readUserPart } from "./parts.ts";

type Turn = { readonly path: string } & (
  | { readonly role: "model"; readonly parts: AssistantPart[] }
  | { readonly role: "user"; readonly results: Message[]; readonly parts: UserPart[] }
);

/**
 * `systemInstruction` and `contents` as messages. Neighbours of one role are one turn: Google's own clients keep every piece of a streamed
 * answer as a content of its own. A turn's results come before its other parts. `at` comes before every path in a refusal.
 */
export function readMessages(json: JsonObject, at: string): Message[] {
  const turns = readTurns(objectsIn(json, "contents", `${at}contents`), `${at}contents`);
  const said = turns.flatMap((turn): Message[] => {
    if (turn.role === "model") return turn.parts.length === 0 ? [] : [placed({ role: "assistant", parts: turn.parts }, turn.path)];
    return [...turn.results, ...(turn.parts.length === 0 ? [] : [placed({ role: "user", parts: turn.parts } as const, turn.path)])];
  });
  const system = readInstruction(json, at);
  if (said.length === 0 && system.length === 0) throw invalidRequest(`${at}contents`, `${at}contents holds nothing: send at least one part that is not empty.`);
  return placed(system.length === 0 ? said : [{ role: "system", parts: system }, ...said], `${at}contents`);
}

function readInstruction(json: JsonObject, at: string): TextPart[] {
  const path = `${at}systemInstruction`;
  const instruction = objectIn(json, "systemInstruction", path);
  if (instruction === undefined) return [];
  return objectsIn(instruction, "parts", `${path}.parts`).flatMap((part, index) => {
    const read = readUserPart(part, `${path}.parts[${index}]`);
    if (read === undefined) return [];
    return read.type === "text" ? [placed(read, `${path}.parts[${index}]`)] : refuse(`${path}.parts[${index}]`, "must be text");
  });
}

function readTurns(contents: readonly JsonObject[], path: string): Turn[] {
  const turns: Turn[] = [];
  const ids = new CallIds();
  contents.forEach((content, index) => {
    const role = roleOf(content, `${path}[${index}].role`);
    let turn = turns.at(-1);
    if (turn?.role !== role) {
      const place = { path: `${path}[${index}]` };
      turn = role === "model" ? { ...place, role, parts: [] } : { ...place, role, results: [], parts: [] };
      turns.push(turn);
      if (role === "model") ids.newRound();
    }
    const inside = `${path}[${index}].parts`;
    for (const [at, part] of objectsIn(content, "parts", inside).entries()) readInto(turn, part, `${inside}[${at}]`, ids);
  });
  return turns;
}

function roleOf(content: JsonObject, path: string): "model" | "user" {
  const role = fieldOf(content, "role");
  switch (role) {
    case undefined:
    case "":
    case "user":
    case "function":
      return "user";
    case "model":
      return "model";
    default:
      return refuse(path, `is ${JSON.stringify(role)}; it must be user or model. Instructions belong in systemInstruction`);
  }
}

function readInto(turn: Turn, part: JsonObject, path: string, ids: CallIds): void {
  if (turn.role === "user") {
    const result = readResult(part, `${path}.functionResponse`, ids);
    const read = result === undefined ? readUserPart(part, path) : undefined;
    if (result !== undefined) turn.results.push(placed(result, path));
    if (read !== undefined) turn.parts.push(placed(read, path));
    return;
  }
  const read = readModelPart(part, path, ids);
  const last = turn.parts.at(-1);
  if (read === undefined) return;
  // The pieces of a streamed text are one text again.
  if (read.type === "text" && last?.type === "text" && last.signature === undefined)
    turn.parts[turn.parts.length - 1] = { ...read, text: last.text + read.text };
  else if (read.type === "thinking" && last?.type === "thinking") turn.parts[turn.parts.length - 1] = { ...read, text: last.text + read.text };
  else turn.parts.push(placed(read, path));
}
