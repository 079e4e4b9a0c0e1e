import { expect, test } from "bun:test";
import type { AssistantPart, ImagePart, Message, TextPart, UserPart } from "../../vocabulary/chat.ts";
import type { JsonObject } from "../../vocabulary/json.ts";
import { mergeProfiles, type Profile } from "../../vocabulary/profile.ts";
import { writeMessages } from "./write-messages.ts";

const text = (said: string): TextPart => ({ type: "text", text: said });
const picture = (base64: string): ImagePart => ({ type: "image", media: { kind: "bytes", mime: "image/png", base64 } });
const shown = (base64: string): JsonObject => ({ type: "image_url", image_url: { url: `data:image/png;base64,${base64}` } });
const user = (...parts: UserPart[]): Message => ({ role: "user", parts });
const assistant = (...parts: AssistantPart[]): Message => ({ role: "assistant", parts });
const result = (callId: string, ...parts: UserPart[]): Message => ({ role: "tool", callId, parts });
const call = (id: string, args = "{}"): AssistantPart => ({ type: "tool-call", id, name: "f", arguments: args });
const called = (id: string): JsonObject => ({ id, type: "function", function: { name: "f", arguments: "{}" } });
const ABOVE = { type: "text", text: "Content of the messages above:" };

const rows: [name: string, messages: Message[], written: JsonObject[], profile?: Partial<Profile>][] = [
  ["one text is a string", [user(text("a"))], [{ role: "user", content: "a" }]],
  ["parts stay parts", [user(text("a"), picture("P"))], [{ role: "user", content: [text("a") as unknown as JsonObject, shown("P")] }]],
  ["no parts are no words", [user()], [{ role: "user", content: "" }]],
  ["a name", [{ role: "user", parts: [text("a")], name: "ann" }], [{ role: "user", content: "a", name: "ann" }]],
  ["several words of the system are one", [{ role: "system", parts: [text("a"), text("b")] }], [{ role: "system", content: "a\n\nb" }]],
  ["developer", [{ role: "system", parts: [text("a")], developer: true }], [{ role: "developer", content: "a" }]],
  ["developer where it is unknown", [{ role: "system", parts: [text("a")], developer: true }], [{ role: "system", content: "a" }], { developerRole: false }],
  ["calls without text", [assistant(call("1", " "))], [{ role: "assistant", content: null, tool_calls: [called("1")] }]],
  ["a refusal", [assistant({ type: "refusal", text: "no" })], [{ role: "assistant", content: null, refusal: "no" }]],
  ["thinking stays behind", [assistant({ type: "thinking", text: "hm", signature: "s" }, text("a"))], [{ role: "assistant", content: "a" }]],
  [
    "case 7: pictures of parallel results follow the last of them",
    [assistant(call("1"), call("2")), result("1", text("x"), picture("P")), result("2", picture("Q")), user(text("so?"))],
    [
      { role: "assistant", content: null, tool_calls: [called("1"), called("2")] },
      { role: "tool", tool_call_id: "1", content: "x" },
      { role: "tool", tool_call_id: "2", content: "" },
      { role: "user", content: [ABOVE, shown("P"), shown("Q")] },
      { role: "user", content: "so?" },
    ],
  ],
  [
    "the assistant's own pictures follow it",
    [assistant(text("here"), picture("P")), user(text("bluer"))],
    [
      { role: "assistant", content: "here" },
      { role: "user", content: [ABOVE, shown("P")] },
      { role: "user", content: "bluer" },
    ],
  ],
  [
    "after its results, when it called tools",
    [assistant(picture("P"), call("1")), result("1", text("x"))],
    [
      { role: "assistant", content: null, tool_calls: [called("1")] },
      { role: "tool", tool_call_id: "1", content: "x" },
      { role: "user", content: [ABOVE, shown("P")] },
    ],
  ],
];
test.each(rows)("%s", (_name, messages, written, profile = {}) => {
  expect(writeMessages(messages, mergeProfiles(profile))).toEqual(written);
});

test.each<[string, Message[], string]>([
  ["a stored picture", [user(text("a"), { type: "image", media: { kind: "stored", id: "f" } })], "messages[0].content[1] names a stored file"],
  ["a stored film", [user({ type: "video", media: { kind: "stored", id: "f" } })], "messages[0].content[0] names a stored file"],
  ["sound by address", [user({ type: "audio", media: { kind: "url", url: "https://a" } })], "messages[0].content[0] must hold the audio itself"],
  ["a result's picture, at its place", [result("1", text("a"), { type: "image", media: { kind: "stored", id: "f" } })], "messages[0].content[1]"],
])("%s is refused", (_name, messages, message) => {
  expect(() => writeMessages(messages, mergeProfiles())).toThrow(message);
});
