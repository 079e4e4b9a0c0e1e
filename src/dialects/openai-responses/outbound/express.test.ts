import { describe, expect, test } from "bun:test";
import { profileFor } from "../../../providers/index.ts";
import type { ChatCall } from "../../../vocabulary/dialect.ts";
import { Failure } from "../../../vocabulary/failure.ts";
import type { JsonObject } from "../../../vocabulary/json.ts";
import { mergeProfiles, type Profile } from "../../../vocabulary/profile.ts";
import { expressResponses } from "./express.ts";

/** A Responses call as far as the express lane looks at it. */
function callOf(text: string): ChatCall {
  const json = JSON.parse(text) as JsonObject;
  const request = () => {
    throw new Error("the express lane reads no request");
  };
  return {
    dialect: "openai-responses",
    model: String(json["model"]),
    text,
    json,
    request,
    stream: json["stream"] === true,
    wantsUsage: true,
    headers: new Headers(),
  };
}
const sent = (text: string, profile: Profile, model = "up") => expressResponses(callOf(text), { model, profile });

describe("the client's own bytes", () => {
  const rows: [string, string, Profile, string, string[]?][] = [
    [
      "nothing to edit: nothing is",
      '{"model": "up", "input":"h\\u00e9","temperature":1.0,"x":1e2}',
      mergeProfiles(),
      '{"model": "up", "input":"h\\u00e9","temperature":1.0,"x":1e2}',
    ],
    [
      "the model's name",
      '{"model": "m", "input":"hi","max_output_tokens":12345678901234567890}',
      mergeProfiles(),
      '{"model": "up", "input":"hi","max_output_tokens":12345678901234567890}',
    ],
    ["usage need not be asked for", '{"model":"up","input":"hi","stream":true}', mergeProfiles(), '{"model":"up","input":"hi","stream":true}'],
    [
      "a chat's other names are no business of theirs",
      '{"model":"m","max_tokens":5,"max_output_tokens":50}',
      profileFor("openai", "gpt-5"),
      '{"model":"up","max_tokens":5,"max_output_tokens":50}',
    ],
    [
      "what a model that thinks refuses is dropped here too",
      '{"model":"m","temperature":0.5,"reasoning":{"summary":"auto"},"text":{"verbosity":"low"}}',
      profileFor("openai", "gpt-5-codex"),
      '{"model":"up","reasoning":{"summary":"auto"},"text":{"verbosity":"low"}}',
      ["temperature was dropped: up does not accept it."],
    ],
    [
      "reasoning of another upstream, and of nobody",
      '{"model":"up","input":[{"type":"reasoning","id":"rs_1a_0","encrypted_content":"anthropic-messages:sig"}, {"role":"user","content":1.0},{"type":"reasoning","id":"rs_1a_2","summary":[]}]}',
      mergeProfiles(),
      '{"model":"up","input":[{"role":"user","content":1.0}]}',
    ],
    [
      "OpenAI's own reasoning that travelled through another model's answer",
      '{"model":"up","input":[{"type":"reasoning","summary":[],"id":"rs_1a_0","encrypted_content":"openai-responses:rs_own:gAAA:x"}]}',
      mergeProfiles(),
      '{"model":"up","input":[{"type":"reasoning","summary":[],"id":"rs_own","encrypted_content":"gAAA:x"}]}',
    ],
    [
      "and with developer beside it",
      '{"model":"up","input":[{"role":"developer","content":"a"},{"type":"reasoning","id":"rs_1a_2"}]}',
      mergeProfiles({ developerRole: false }),
      '{"model":"up","input":[{"role":"system","content":"a"}]}',
    ],
    [
      "but its own stays as it is",
      '{"model":"up","input":[{"type":"reasoning","id":"rs_68af01", "encrypted_content":"gAAA"},{"type":"reasoning","id":"rs_68af02"},{"type":"message","id":"rs_1_2"}]}',
      mergeProfiles(),
      '{"model":"up","input":[{"type":"reasoning","id":"rs_68af01", "encrypted_content":"gAAA"},{"type":"reasoning","id":"rs_68af02"},{"type":"message","id":"rs_1_2"}]}',
    ],
    [
      "developer where only system is known",
      '{"model":"up","input":[{"role":"developer" ,"content":"a"},{"role":"user","content":"developer"},"odd"]}',
      mergeProfiles({ developerRole: false }),
      '{"model":"up","input":[{"role":"system" ,"content":"a"},{"role":"user","content":"developer"},"odd"]}',
    ],
    ["input that is a string", '{"model":"up","input":"developer"}', mergeProfiles({ developerRole: false }), '{"model":"up","input":"developer"}'],
    [
      "bytes, where addresses are not fetched",
      '{"model":"up","input":[{"role":"user","content":[{"type":"input_image","image_url":"data:image/png;base64,P"},{"type":"input_text","text":"https://a"}]}]}',
      mergeProfiles({ imageUrls: false }),
      '{"model":"up","input":[{"role":"user","content":[{"type":"input_image","image_url":"data:image/png;base64,P"},{"type":"input_text","text":"https://a"}]}]}',
    ],
  ];
  test.each(rows)("%s", (_name, text, profile, body, warnings = []) => {
    expect(sent(text, profile)).toEqual({ body, warnings });
  });
});

test.each<[string, string, string]>([
  ["a picture", '{"role":"user","content":[{"type":"input_text","text":"a"},{"type":"input_image","image_url":"https://a/b.png"}]}', "input[1].content[1]"],
  ["a file", '{"role":"user","content":[{"type":"input_file","file_url":"HTTP://a/b.pdf"}]}', "input[1].content[0]"],
  ["a picture a tool gave back", '{"type":"function_call_output","output":[{"type":"input_image","image_url":"https://a/b.png"}]}', "input[1].output[0]"],
])("%s by address is refused where nobody fetches it", (_name, item, param) => {
  let thrown: unknown;
  try {
    sent(`{"model":"up","input":[{"role":"user","content":"hi"},${item}]}`, mergeProfiles({ imageUrls: false }));
  } catch (failure) {
    thrown = failure;
  }
  expect(thrown).toBeInstanceOf(Failure);
  expect((thrown as Failure).facts.param).toBe(param);
});
