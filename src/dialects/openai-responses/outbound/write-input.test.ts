import { describe, expect, test } from "bun:test";
import type { AssistantPart, Media, Message, TextPart, UserPart } from "../../../vocabulary/chat.ts";
import { Failure } from "../../../vocabulary/failure.ts";
import type { JsonObject } from "../../../vocabulary/json.ts";
import { mergeProfiles, type Profile } from "../../../vocabulary/profile.ts";
import { responsesProof } from "../../shared/conversation/proofs.ts";
import { fittingId } from "../../shared/conversation/tool-ids.ts";
import { writeInput } from "./write-input.ts";

const text = (said: string): TextPart => ({ type: "text", text: said });
const png = (base64: string): Media => ({ kind: "bytes", mime: "image/png", base64 });
const user = (...parts: UserPart[]): Message => ({ role: "user", parts });
const assistant = (...parts: AssistantPart[]): Message => ({ role: "assistant", parts });
const result = (callId: string, ...parts: UserPart[]): Message => ({ role: "tool", callId, parts });
const call = (id: string, args = "{}"): AssistantPart => ({ type: "tool-call", id, name: "f", arguments: args });
const called = (call_id: string, args = "{}"): JsonObject => ({ type: "function_call", call_id, name: "f", arguments: args });
const output = (call_id: string, given: string | JsonObject[]): JsonObject => ({ type: "function_call_output", call_id, output: given });
const thought = (id: string, said = ""): AssistantPart => ({ type: "thinking", text: said, signature: responsesProof(id, `secret:${id}`) });
const reasoning = (id: string, ...summary: string[]): JsonObject => ({
  type: "reasoning",
  id,
  summary: summary.map((said) => ({ type: "summary_text", text: said })),
  encrypted_content: `secret:${id}`,
});
const INTERRUPTED = "The tool call was interrupted: no result was given.";
const LONG = "x".repeat(65);

const rows: [name: string, messages: Message[], items: JsonObject[], profile?: Partial<Profile>][] = [
  ["one text is a string", [user(text("a"))], [{ role: "user", content: "a" }]],
  [
    "several are parts",
    [user(text("a"), text("b"))],
    [
      {
        role: "user",
        content: [
          { type: "input_text", text: "a" },
          { type: "input_text", text: "b" },
        ],
      },
    ],
  ],
  ["no parts are no words", [user()], [{ role: "user", content: "" }]],
  ["a name has no place", [{ role: "user", parts: [text("a")], name: "ann" }], [{ role: "user", content: "a" }]],
  ["developer", [{ role: "system", parts: [text("a")], developer: true }], [{ role: "developer", content: "a" }]],
  ["developer where it is unknown", [{ role: "system", parts: [text("a")], developer: true }], [{ role: "system", content: "a" }], { developerRole: false }],
  [
    "system, wherever it stands",
    [user(text("a")), { role: "system", parts: [text("b")] }],
    [
      { role: "user", content: "a" },
      { role: "system", content: "b" },
    ],
  ],
  ["a system message without a word", [{ role: "system", parts: [] }, user(text("a"))], [{ role: "user", content: "a" }]],
  [
    "pictures by bytes, address and file",
    [
      user(
        { type: "image", media: png("P") },
        { type: "image", media: { kind: "url", url: "https://a/b.png" }, detail: "low" },
        { type: "image", media: { kind: "stored", id: "file-1" } },
      ),
    ],
    [
      {
        role: "user",
        content: [
          { type: "input_image", image_url: "data:image/png;base64,P", detail: "auto" },
          { type: "input_image", image_url: "https://a/b.png", detail: "low" },
          { type: "input_image", file_id: "file-1", detail: "auto" },
        ],
      },
    ],
  ],
  [
    "files by bytes, address and file",
    [
      user(
        { type: "file", media: { kind: "bytes", mime: "application/pdf", base64: "Q" } },
        { type: "file", media: { kind: "bytes", mime: "text/plain", base64: "R" }, filename: "notes.txt" },
        { type: "file", media: { kind: "bytes", mime: "text/x-odd", base64: "S" } },
        { type: "file", media: { kind: "url", url: "https://a/b.pdf" }, filename: "b.pdf" },
        { type: "file", media: { kind: "stored", id: "file-1" } },
      ),
    ],
    [
      {
        role: "user",
        content: [
          { type: "input_file", filename: "file.pdf", file_data: "data:application/pdf;base64,Q" },
          { type: "input_file", filename: "notes.txt", file_data: "data:text/plain;base64,R" },
          { type: "input_file", filename: "file.txt", file_data: "data:text/x-odd;base64,S" },
          { type: "input_file", file_url: "https://a/b.pdf" },
          { type: "input_file", file_id: "file-1" },
        ],
      },
    ],
  ],
  ["what an assistant said", [assistant(text("a"), text("b"))], [{ role: "assistant", content: "ab" }]],
  ["an assistant that said nothing", [assistant(text(""))], []],
  [
    "a refusal",
    [assistant(text("a"), { type: "refusal", text: "no" })],
    [
      {
        role: "assistant",
        content: [
          { type: "output_text", text: "a" },
          { type: "refusal", refusal: "no" },
        ],
      },
    ],
  ],
  [
    "parallel calls and their results",
    [assistant(text("look"), call("1", '{"a":1}'), call("2", " ")), result("2", text("y")), result("1", text("x"), text("z")), user(text("so?"))],
    [{ role: "assistant", content: "look" }, called("1", '{"a":1}'), called("2"), output("2", "y"), output("1", "x\nz"), { role: "user", content: "so?" }],
  ],
  [
    "a picture in a result",
    [assistant(call("1")), result("1", text("x"), { type: "image", media: png("P") })],
    [
      called("1"),
      output("1", [
        { type: "input_text", text: "x" },
        { type: "input_image", image_url: "data:image/png;base64,P", detail: "auto" },
      ]),
    ],
  ],
  ["a result without a word", [assistant(call("1")), result("1")], [called("1"), output("1", "")]],
  [
    "calls nobody answered, before the next turn and at the end",
    [assistant(call("1"), call("2")), result("1", text("x")), user(text("go on")), assistant(call("3"))],
    [called("1"), called("2"), output("1", "x"), output("2", INTERRUPTED), { role: "user", content: "go on" }, called("3"), output("3", INTERRUPTED)],
  ],
  [
    "one turn in two messages",
    [assistant(call("1")), assistant(call("2")), result("1", text("x")), result("2", text("y"))],
    [called("1"), called("2"), output("1", "x"), output("2", "y")],
  ],
  [
    "a result without its call is the user's words",
    [user(text("a")), result("9", text("x"))],
    [
      { role: "user", content: "a" },
      { role: "user", content: "x" },
    ],
  ],
  [
    "ids that are used again",
    [assistant(call("0")), result("0", text("x")), assistant(call("0")), result("0", text("y"))],
    [called("0"), output("0", "x"), called("0_2"), output("0_2", "y")],
  ],
  [
    "ids with other characters, or too many of them",
    [assistant(call("a.b:1"), call(LONG)), result("a.b:1", text("x")), result(LONG, text("y"))],
    [
      called(fittingId("a.b:1", /never^/)),
      called(fittingId(LONG, /never^/)),
      output(fittingId("a.b:1", /never^/), "x"),
      output(fittingId(LONG, /never^/), "y"),
    ],
  ],
  [
    "thinking that was proved goes back, in its place",
    [assistant(thought("rs_1", "\n\nhm "), text("a"), thought("rs_2"), call("1")), result("1", text("x"))],
    [reasoning("rs_1", "hm"), { role: "assistant", content: "a" }, reasoning("rs_2"), called("1"), output("1", "x")],
  ],
  [
    "a proof that names no item",
    [assistant(thought(""), text("a"))],
    [
      { type: "reasoning", summary: [], encrypted_content: "secret:" },
      { role: "assistant", content: "a" },
    ],
  ],
  [
    "but not with nothing after it",
    [assistant(text("a"), thought("rs_1"), thought("rs_2")), user(text("b"))],
    [
      { role: "assistant", content: "a" },
      { role: "user", content: "b" },
    ],
  ],
  [
    "thinking of others, or unproved, stays behind",
    [
      assistant(
        { type: "thinking", text: "hm", signature: "by-claude" },
        { type: "thinking", text: "hm" },
        { type: "thinking", text: "", redacted: "r" },
        text("a"),
      ),
    ],
    [{ role: "assistant", content: "a" }],
  ],
  [
    "the assistant's own pictures follow its turn",
    [assistant({ type: "image", media: png("P") }, call("1")), result("1", text("x")), user(text("bluer"))],
    [
      called("1"),
      output("1", "x"),
      {
        role: "user",
        content: [
          { type: "input_text", text: "Content of the messages above:" },
          { type: "input_image", image_url: "data:image/png;base64,P", detail: "auto" },
        ],
      },
      { role: "user", content: "bluer" },
    ],
  ],
];
test.each(rows)("%s", (_name, messages, items, profile = {}) => {
  expect(writeInput(messages, mergeProfiles(profile))).toEqual(items);
});

describe("what it does not take is refused by its path", () => {
  const audio: UserPart = { type: "audio", media: { kind: "bytes", mime: "audio/wav", base64: "A" } };
  const video: UserPart = { type: "video", media: { kind: "url", url: "https://a/b.mp4" } };
  const image: UserPart = { type: "image", media: { kind: "url", url: "https://a/b.png" } };
  test.each<[string, Message[], string, Partial<Profile>]>([
    ["audio", [user(text("a"), audio)], "messages[0].content[1]", {}],
    ["video", [user(video)], "messages[0].content[0]", {}],
    ["audio in a result", [assistant(call("1")), result("1", audio)], "messages[1].content[0]", {}],
    ["an address nobody fetches", [user(text("a")), user(text("b"), image)], "messages[1].content[1]", { imageUrls: false }],
  ])("%s", (_name, messages, param, profile) => {
    let thrown: unknown;
    try {
      writeInput(messages, mergeProfiles(profile));
    } catch (failure) {
      thrown = failure;
    }
    expect(thrown).toBeInstanceOf(Failure);
    expect([(thrown as Failure).kind, (thrown as Failure).facts.param]).toEqual(["invalid-request", param]);
    expect((thrown as Failure).message).toStartWith(param);
  });
});
