import { expect, test } from "bun:test";
import { mergeProfiles } from "../../../vocabulary/profile.ts";
import { incoming } from "../../shared/incoming.fixture.ts";
import { ollamaChatInbound } from "../inbound.ts";
import { expressOllama } from "./express.ts";

const REST = '"messages":[{"role":"user","content":"hi"}],"options":{"temperature":1.0,"seed":12345678901234567890}';

const rows: [string, string, readonly string[], string, number][] = [
  ["nothing changes", `{"model":"up", ${REST}}`, [], `{"model":"up", ${REST}}`, 0],
  ["only the name changes", `{ "model" : "m:latest",${REST},"x":-0}`, [], `{ "model" : "up",${REST},"x":-0}`, 0],
  ["a name where there was none", `{${REST}}`, [], `{${REST},"model":"up"}`, 0],
  ["fields are dropped", `{"model":"m","shift":true,${REST}}`, ["shift", "truncate"], `{"model":"up",${REST}}`, 1],
  ["and options", `{"model":"up",${REST}}`, ["seed", "top_k"], '{"model":"up","messages":[{"role":"user","content":"hi"}],"options":{"temperature":1.0}}', 1],
  [
    "of two the last, which counts",
    '{"model":"up","options":5,"messages":[],"options":{"seed":1}}',
    ["seed"],
    '{"model":"up","options":5,"messages":[],"options":{}}',
    1,
  ],
];

test.each(rows)("%s", (_name, text, drop, body, warnings) => {
  const outgoing = expressOllama(ollamaChatInbound.readCall(incoming(text)), { model: "up", profile: mergeProfiles({ drop }) });
  expect(outgoing.body).toBe(body);
  expect(outgoing.warnings).toHaveLength(warnings);
});
