import { describe, expect, test } from "bun:test";
import { mergeProfiles } from "../../../vocabulary/profile.ts";
import { responsesProof } from "../../shared/conversation/proofs.ts";
import { incoming } from "../../shared/incoming.fixture.ts";
import { readMessagesCall } from "../inbound/read/call.ts";
import { expressMessages } from "./express.ts";

const sent = (text: string, model = "m") => expressMessages(readMessagesCall(incoming(text)), { model, profile: mergeProfiles({ drop: ["top_k"] }) });
const body = (messages: string, more = "") => `{"model":"m" , "max_tokens":5,"messages":${messages}${more}}`;
const SIGNED = '{"type":"thinking", "thinking":"a","signature":"EqQBCg=="}';
const OWN_SOURCE = '{"type":"web_search_result_location","url":"https://a","encrypted_index":"Eo8B","cited_text":"","title":null}';
const OTHER_SOURCE = '{"type":"web_search_result_location","url":"https://b","encrypted_index":"","cited_text":"","title":null}';

describe("untouched", () => {
  const rows: [string, string][] = [
    [
      "numbers, doubles, blanks and fields nobody knows",
      '\n{ "model":"m","max_tokens":5.0e1,"top_k":5,"x":1.0,"x":12345678901234567890,\t"messages":[ {"role":"user","content":"\\u0041\\/"} ] }\n',
    ],
    ["signed thinking", body(`[{"role":"assistant","content":[${SIGNED},{"type":"text","text":"b"}]}]`)],
    [
      "signed thinking that is not shown",
      body('[{"role":"assistant","content":[{"type":"thinking","thinking":"","signature":"EqQBCg=="},{"type":"redacted_thinking","data":"EmwK"}]}]'),
    ],
    ["words about signatures", body('[{"role":"user","content":"\\"signature\\":\\"\\" and openai-responses:"}]')],
    ["an odd block in a user's turn, which the upstream will judge", body('[{"role":"user","content":[{"type":"thinking","thinking":"a","signature":""}]}]')],
    ["its own sources", body(`[{"role":"assistant","content":[{"type":"text","text":"a","citations":[${OWN_SOURCE}]}]}]`)],
    ["content that makes no sense", body('[{"role":"assistant","content":5},{"role":"assistant","content":[null,5,"a"]}]')],
  ];
  test.each(rows)("%s", (_name, text) => {
    expect(sent(text)).toEqual({ body: text, warnings: [] });
  });
});

describe("edited in its bytes", () => {
  const text = '{"type":"text", "text":"b", "new_field":1.0}';
  const rows: [string, string, string][] = [
    [
      "thinking without a proof goes",
      `[ {"role":"user","content":"x"} , {"role":"assistant", "content":[ {"type":"thinking","thinking":"a","signature":""} , ${text} ]}]`,
      `[ {"role":"user","content":"x"} , {"role":"assistant", "content":[ ${text} ]}]`,
    ],
    ["also without the field", `[{"role":"assistant","content":[${text},{"type":"thinking","thinking":"a"}]}]`, `[{"role":"assistant","content":[${text}]}]`],
    [
      "thinking with another's proof goes, its own stays",
      `[{"role":"assistant","content":[${SIGNED}, {"type":"thinking","thinking":"a","signature":"${responsesProof("rs_1", "enc")}"}, ${text}]}]`,
      `[{"role":"assistant","content":[${SIGNED}, ${text}]}]`,
    ],
    [
      "hidden thinking of another goes",
      `[{"role":"assistant","content":[{"type":"redacted_thinking","data":"${responsesProof("rs_1", "enc")}"},${text}]}]`,
      `[{"role":"assistant","content":[${text}]}]`,
    ],
    [
      "a turn of nothing else goes with it",
      `[{"role":"user","content":"x"},\n{"role":"assistant","content":[{"type":"thinking","thinking":"a","signature":""}]},\n{"role":"user","content":"y"}]`,
      `[{"role":"user","content":"x"},\n{"role":"user","content":"y"}]`,
    ],
    [
      "a source that its search did not find",
      `[{"role":"assistant","content":[{"type":"text","text":"a","citations":[${OTHER_SOURCE},${OWN_SOURCE}]}]}]`,
      `[{"role":"assistant","content":[{"type":"text","text":"a","citations":[${OWN_SOURCE}]}]}]`,
    ],
  ];
  test.each(rows)("%s", (_name, messages, expected) => {
    expect(sent(body(messages, ',"x":1.0'))).toEqual({ body: body(expected, ',"x":1.0'), warnings: [] });
  });

  test("the model's own name, and nothing for the profile's sake", () => {
    expect(sent('{"model":"m","max_tokens":5,"top_k":5,"messages":[{"role":"user","content":"model"}]}', "claude-x").body).toBe(
      '{"model":"claude-x","max_tokens":5,"top_k":5,"messages":[{"role":"user","content":"model"}]}',
    );
  });

  test("of two lists of messages only the last counts", () => {
    const two =
      '{"model":"m","max_tokens":5,"messages":"x","messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"a"},{"type":"text","text":"b"}]}]}';
    expect(sent(two).body).toBe('{"model":"m","max_tokens":5,"messages":"x","messages":[{"role":"assistant","content":[{"type":"text","text":"b"}]}]}');
  });
});
