import { describe, expect, test } from "bun:test";
import type { Message } from "../../../vocabulary/chat.ts";
import { conversationOf, type Turn } from "./turns.ts";

const text = (said: string) => ({ type: "text" as const, text: said });
const system = (said: string): Message => ({ role: "system", parts: [text(said)] });
const user = (said: string): Message => ({ role: "user", parts: [text(said)] });
const assistant = (...said: string[]): Message => ({ role: "assistant", parts: said.map(text) });
const calls = (...ids: string[]): Message => ({ role: "assistant", parts: ids.map((id) => ({ type: "tool-call", id, name: `f_${id}`, arguments: "{}" })) });
const result = (callId: string, said: string): Message => ({ role: "tool", callId, parts: [text(said)] });

/** A turn in one line: `user(result c1=ok; said)`. */
function line(turn: Turn): string {
  const results = turn.role === "user" ? turn.results.map((each) => `${each.failed ? "failed" : "result"} ${each.callId}/${each.name}`) : [];
  const parts = turn.parts.map((part) => (part.type === "text" ? part.text : part.type === "tool-call" ? `call ${part.id}` : part.type));
  return `${turn.role}(${[...results, ...parts].join("; ")})`;
}

describe("turns", () => {
  const rows: [string, Message[], string, string[]][] = [
    ["alternating turns stay", [user("a"), assistant("b"), user("c")], "", ["user(a)", "assistant(b)", "user(c)"]],
    ["neighbours of one role become one turn", [user("a"), user("b"), assistant("c"), assistant("d")], "", ["user(a; b)", "assistant(c; d)"]],
    ["system messages at the start stand apart", [system("s"), system("t"), user("a")], "s t", ["user(a)"]],
    ["a later one is a turn of its own", [user("a"), system("s"), user("b")], "", ["user(a)", "system(s)", "user(b)"]],
    ["empty and blank text is left out", [system(" "), user(""), user("a"), assistant("\n"), user("b")], "", ["user(a; b)"]],
    [
      "results come first in their turn",
      [calls("1", "2"), result("2", "x"), result("1", "y"), user("a")],
      "",
      ["assistant(call 1; call 2)", "user(result 2/f_2; result 1/f_1; a)"],
    ],
    [
      "a call without a result gets a failed one",
      [calls("1", "2"), result("1", "x"), user("a")],
      "",
      ["assistant(call 1; call 2)", "user(result 1/f_1; failed 2/f_2; a)"],
    ],
    ["at the end of the conversation too", [user("a"), calls("1")], "", ["user(a)", "assistant(call 1)", "user(failed 1/f_1)"]],
    ["a result without a call is plain text", [user("a"), result("9", "x")], "", ["user(a; x)"]],
    ["a result that comes twice is text the second time", [calls("1"), result("1", "x"), result("1", "y")], "", ["assistant(call 1)", "user(result 1/f_1; y)"]],
    [
      "the same id in a later turn is another call, and gets an id of its own",
      [calls("1"), result("1", "x"), calls("1"), result("1", "y"), calls("1"), user("a")],
      "",
      ["assistant(call 1)", "user(result 1/f_1)", "assistant(call 1_2)", "user(result 1_2/f_1)", "assistant(call 1_3)", "user(failed 1_3/f_1; a)"],
    ],
    [
      "two calls with one id in one turn get a result each",
      [calls("1", "1"), result("1", "x"), result("1", "y")],
      "",
      ["assistant(call 1; call 1_2)", "user(result 1/f_1; result 1_2/f_1)"],
    ],
    [
      "an id that another call was given is not given twice",
      [calls("1", "1", "1_2"), result("1_2", "z"), result("1", "x"), result("1", "y")],
      "",
      ["assistant(call 1; call 1_2; call 1_2_2)", "user(result 1_2_2/f_1_2; result 1/f_1; result 1_2/f_1)"],
    ],
    [
      "calls said in two messages belong to one turn",
      [calls("1"), calls("2"), result("1", "x"), result("2", "y")],
      "",
      ["assistant(call 1; call 2)", "user(result 1/f_1; result 2/f_2)"],
    ],
    [
      "a system message among the results waits for them",
      [calls("1", "2"), result("1", "x"), system("s"), result("2", "y"), user("a")],
      "",
      ["assistant(call 1; call 2)", "user(result 1/f_1; result 2/f_2)", "system(s)", "user(a)"],
    ],
    [
      "a system message between the calls and their results waits for them too",
      [calls("1"), system("s"), result("1", "x"), user("a")],
      "",
      ["assistant(call 1)", "user(result 1/f_1)", "system(s)", "user(a)"],
    ],
    [
      "the name of the call wins over the name that a result gives",
      [calls("1"), { role: "tool", callId: "1", toolName: "another", parts: [text("x")] }],
      "",
      ["assistant(call 1)", "user(result 1/f_1)"],
    ],
    ["nothing", [], "", []],
  ];
  test.each(rows)("%s", (_name, messages, systemText, turns) => {
    const conversation = conversationOf(messages);
    expect(conversation.system.map((part) => part.text).join(" ")).toBe(systemText);
    expect(conversation.turns.map(line)).toEqual(turns);
  });
});
