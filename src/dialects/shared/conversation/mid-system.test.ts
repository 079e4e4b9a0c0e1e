import { expect, test } from "bun:test";
import type { Message } from "../../../vocabulary/chat.ts";
import { withoutMidSystem } from "./mid-system.ts";

const text = (said: string) => ({ type: "text", text: said }) as const;
const system = (...said: string[]): Message => ({ role: "system", parts: said.map(text) });
const user = (...said: string[]): Message => ({ role: "user", parts: said.map(text) });
const assistant = (said: string): Message => ({ role: "assistant", parts: [text(said)] });
const tool: Message = { role: "tool", callId: "t", parts: [] };

const rows: [string, Message[], Message[]][] = [
  ["at the start it stays", [system("a"), system("b"), user("c")], [system("a"), system("b"), user("c")]],
  ["alone it stays", [system("a")], [system("a")]],
  ["later it is part of the turn before it", [user("a"), system("b", "c"), assistant("d")], [user("a", "<system>\nb\n\nc\n</system>"), assistant("d")]],
  ["two in a row are two parts", [user("a"), system("b"), system("c")], [user("a", "<system>\nb\n</system>", "<system>\nc\n</system>")]],
  [
    "after an answer or a result it is a turn of its own",
    [user("a"), tool, system("b"), user("c")],
    [user("a"), tool, user("<system>\nb\n</system>"), user("c")],
  ],
];
test.each(rows)("%s", (_name, messages, expected) => {
  expect(withoutMidSystem(messages)).toEqual(expected);
});
