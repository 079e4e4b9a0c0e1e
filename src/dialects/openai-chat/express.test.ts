import { describe, expect, test } from "bun:test";
import { mergeProfiles, type Profile } from "../../vocabulary/profile.ts";
import { incoming } from "../shared/incoming.fixture.ts";
import { expressChat } from "./express.ts";
import { readChatCall } from "./read-call.ts";

const written = (text: string, profile: Partial<Profile> = {}, model = "up") =>
  expressChat(readChatCall(incoming(text)), { model, profile: mergeProfiles(profile) });
const MESSAGES = '"messages":[{"role":"user","content":"h\\u00e9"}]';

describe("the client's own bytes", () => {
  const rows: [string, string, Partial<Profile>, string][] = [
    ["nothing to edit: nothing is", `{"model": "up", ${MESSAGES}, "temperature":1.0,"x":1e2}`, {}, `{"model": "up", ${MESSAGES}, "temperature":1.0,"x":1e2}`],
    ["the model's name", `{"model": "m", ${MESSAGES}, "seed":12345678901234567890}`, {}, `{"model": "up", ${MESSAGES}, "seed":12345678901234567890}`],
    ["a missing model is added", `{${MESSAGES} }`, {}, `{${MESSAGES},"model":"up" }`],
    [
      "usage is asked for in a stream",
      `{"model":"up",${MESSAGES},"stream":true}`,
      {},
      `{"model":"up",${MESSAGES},"stream":true,"stream_options":{"include_usage":true}}`,
    ],
    [
      "beside other options",
      `{"model":"up",${MESSAGES},"stream":true,"stream_options":{"include_obfuscation": false}}`,
      {},
      `{"model":"up",${MESSAGES},"stream":true,"stream_options":{"include_obfuscation": false,"include_usage":true}}`,
    ],
    [
      "instead of false",
      `{"model":"up",${MESSAGES},"stream":true,"stream_options":{"include_usage": false}}`,
      {},
      `{"model":"up",${MESSAGES},"stream":true,"stream_options":{"include_usage": true}}`,
    ],
    [
      "instead of null",
      `{"model":"up",${MESSAGES},"stream":true,"stream_options":null}`,
      {},
      `{"model":"up",${MESSAGES},"stream":true,"stream_options":{"include_usage":true}}`,
    ],
    [
      "of two members of one name either may be null",
      `{"model":"up",${MESSAGES},"stream":true,"stream_options":null,"stream_options":{}}`,
      {},
      `{"model":"up",${MESSAGES},"stream":true,"stream_options":{"include_usage":true},"stream_options":{"include_usage":true}}`,
    ],
    ["not when it always comes", `{"model":"up",${MESSAGES},"stream":true}`, { streamUsage: "always" }, `{"model":"up",${MESSAGES},"stream":true}`],
    [
      "not when the upstream does not know the field",
      `{"model":"up",${MESSAGES},"stream":true}`,
      { drop: ["stream_options"] },
      `{"model":"up",${MESSAGES},"stream":true}`,
    ],
    ["not without a stream", `{"model":"up",${MESSAGES}}`, {}, `{"model":"up",${MESSAGES}}`],
    [
      "a field by its other name",
      `{"model":"up",${MESSAGES},"max_tokens": 5.0}`,
      { rename: { max_tokens: "max_completion_tokens" } },
      `{"model":"up",${MESSAGES},"max_completion_tokens": 5.0}`,
    ],
    [
      "developer becomes system",
      '{"model":"up","messages":[ {"role" : "developer","content":"a"} ,{"content":"developer","role":"user"}]}',
      { developerRole: false },
      '{"model":"up","messages":[ {"role" : "system","content":"a"} ,{"content":"developer","role":"user"}]}',
    ],
    [
      "developer stays where it is known",
      '{"model":"up","messages":[{"role":"developer","content":"a"}]}',
      {},
      '{"model":"up","messages":[{"role":"developer","content":"a"}]}',
    ],
  ];
  test.each(rows)("%s", (_name, text, profile, expected) => {
    expect(written(text, profile)).toEqual({ body: expected, warnings: [] });
  });

  test("a dropped field is said", () => {
    expect(written(`{"model":"up","temperature":1,${MESSAGES}}`, { drop: ["temperature", "top_k"] })).toEqual({
      body: `{"model":"up",${MESSAGES}}`,
      warnings: ["temperature was dropped: up does not accept it."],
    });
  });
});

describe("content by address", () => {
  const chat = (part: object) => JSON.stringify({ model: "up", messages: [{ role: "user", content: [{ type: "text", text: "https://a" }, part] }] });
  const url = "https://example.com/x";
  const ADDRESSES: object[] = [
    { type: "image_url", image_url: { url } },
    { type: "image_url", image_url: url },
    { type: "video_url", video_url: { url } },
    { type: "file", file: { file_data: url } },
  ];
  test.each(ADDRESSES)("%j is refused where it would not be fetched", (part) => {
    expect(() => written(chat(part), { imageUrls: false })).toThrow("messages[0].content[1] names its content by address");
    expect(written(chat(part)).body).toBe(chat(part));
  });
  test.each([
    { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
    { type: "text", text: url },
    { type: "file", file: { file_id: "file-1" } },
    { type: "novel", image_url: 7 },
  ])("%j is no address", (part) => {
    expect(written(chat(part), { imageUrls: false }).body).toBe(chat(part));
  });
});
