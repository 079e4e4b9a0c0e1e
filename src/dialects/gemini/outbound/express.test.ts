import { describe, expect, test } from "bun:test";
import { mergeProfiles, type Profile } from "../../../vocabulary/profile.ts";
import { geminiEmbeddingsOutbound } from "../embeddings.ts";
import { geminiOutbound } from "../outbound.ts";

const to = (profile: Partial<Profile> = {}, model = "up") => ({ model, profile: mergeProfiles(profile) });
const chat = (text: string, destination = to()) => geminiOutbound.express?.({ text, json: JSON.parse(text) } as never, destination);
const embed = (text: string, destination = to()) => geminiEmbeddingsOutbound.express?.({ text, json: JSON.parse(text) } as never, destination)?.body;

describe("the client's own text", () => {
  test.each([
    ["as it is", '{ "contents": [ {"parts": {"text": "1.0"}} ], "safetySettings": [], "generationConfig": {"temperature": 1.0} }'],
    ["with big numbers and doubled members", '{"contents":[],"labels":{"n":12345678901234567890,"n":1.0}}'],
  ])("%s", (_name, text) => {
    expect(chat(text)).toEqual({ body: text, warnings: [] });
  });

  test.each([
    ["a model's name in it", '{"model": "models/public", "contents": [1.0]}', '{"model": "models/up", "contents": [1.0]}'],
    [
      "one in a count",
      '{"generateContentRequest": {"contents": [], "model":"models/public"}}',
      '{"generateContentRequest": {"contents": [], "model":"models/up"}}',
    ],
    ["one in a count, in the other spelling", '{"generate_content_request":{"model":"models/public"}}', '{"generate_content_request":{"model":"models/up"}}'],
  ])("with %s becomes the upstream's", (_name, text, expected) => {
    expect(chat(text)?.body).toBe(expected);
  });

  test("of a model with a place of its own", () => {
    expect(chat('{"model":"models/public"}', to({}, "tunedModels/mine"))?.body).toBe('{"model":"tunedModels/mine"}');
  });

  test("without what the profile drops, and with what it renames, in either spelling", () => {
    const destination = to({ drop: ["presencePenalty"], rename: { maxOutputTokens: "maxTokens" } });
    expect(chat('{"generationConfig": {"presence_penalty": 1, "topP": 1.0, "max_output_tokens": 5}}', destination)).toEqual({
      body: '{"generationConfig": {"topP": 1.0,"maxTokens": 5}}',
      warnings: ["presence_penalty was dropped: up does not accept it."],
    });
    expect(chat('{"generationConfig":{"topP":1.0}}', destination)).toEqual({ body: '{"generationConfig":{"topP":1.0}}', warnings: [] });
    expect(chat('{"generationConfig":"odd"}', destination)?.body).toBe('{"generationConfig":"odd"}');
  });
});

describe("embeddings", () => {
  test.each([
    [
      "a batch",
      '{"requests": [ {"content": {"parts":[]}, "model": "models/public"}, {"content":{}} ]}',
      '{"requests": [ {"content": {"parts":[]}, "model": "models/up"}, {"content":{},"model":"models/up"} ]}',
    ],
    ["a batch that names the model outside too", '{"model":"models/public","requests":[{}]}', '{"model":"models/up","requests":[{"model":"models/up"}]}'],
    ["a batch of one without its brackets", '{"requests":{"content":{}}}', '{"requests":{"content":{},"model":"models/up"}}'],
    ["a batch behind another that does not count", '{"requests":[1],"requests":[{}]}', '{"requests":[1],"requests":[{"model":"models/up"}]}'],
    [
      "one content, as a batch of one",
      ' {"content": {"parts": [{"text": "1.0"}]}}\n',
      '{"requests":[{"content": {"parts": [{"text": "1.0"}]},"model":"models/up"}]}',
    ],
  ])("%s", (_name, text, expected) => {
    expect(embed(text)).toBe(expected);
  });
});
