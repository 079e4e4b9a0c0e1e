import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type JsonObject, listOf, objectOf, stringOf } from "../../../src/vocabulary/json.ts";
import type { Answer } from "../../fakes/upstream/answers/answer.ts";
import { schemasOf } from "../../specs/schemas.ts";
import { publishedDocument, publishedSchemas } from "../../specs/vendors.ts";
import { KINDS, openResponsesHouse, outputOf, type ResponsesHouse, textOf } from "./house.ts";

/**
 * The cases of the OpenResponses compliance tests, and a round trip of calls, over every kind of upstream: each answer and each event
 * against the specification's own schemas. Both are read from beside the repository; where they are not, this passes over.
 */
const NAMED = publishedSchemas("openresponses.openapi.json") ?? {};
const SCHEMAS = schemasOf(NAMED, "open");
const CASES = listOf(publishedDocument("openresponses-cases/cases.json")?.["cases"]).map(objectOf);

let house: ResponsesHouse;
beforeAll(async () => {
  house = await openResponsesHouse();
});
afterAll(async () => {
  expect(house.box.complaints).toEqual([]);
  await house.stop();
});

/** The schema of each event of a stream, by its type. */
const EVENTS = new Map(
  Object.keys(NAMED)
    .filter((name) => name.endsWith("StreamingEvent"))
    .map((name) => [stringOf(listOf(objectOf(objectOf(objectOf(NAMED[name])["properties"])["type"])["enum"])[0]), name]),
);
const expectResponse = (response: JsonObject) => expect(SCHEMAS.misfits(response, "ResponseResource")).toEqual([]);
const expectEvent = (data: JsonObject) => expect(SCHEMAS.misfits(data, EVENTS.get(String(data["type"])) ?? String(data["type"]))).toEqual([]);
const SAYS: Answer = { text: "One, two, three.", thinking: "They want three words.", usage: { input: 11, output: 7, reasoning: 3 } };
const CALLS: Answer = { toolCalls: [{ name: "get_weather", arguments: { location: "San Francisco, CA" } }] };
const typesOf = (response: JsonObject) => outputOf(response).map((item) => item["type"]);

describe.if(EVENTS.size > 0)("OpenResponses", () => {
  test("there are cases, and schemas of events", () => {
    expect(CASES.length).toBeGreaterThan(6);
    expect(EVENTS.size).toBeGreaterThan(20);
  });

  for (const kind of KINDS) {
    describe(kind, () => {
      for (const { id, stream, body, expect: expected } of CASES) {
        const wanted = new Set(listOf(expected));
        test(String(id), async () => {
          const asked = { ...objectOf(body), model: kind };
          const script = { answer: objectOf(body)["tools"] === undefined ? SAYS : CALLS };
          let response: JsonObject;
          if (stream === true) {
            const streamed = await house.stream(asked, script);
            expect([streamed.status, streamed.events.length > 0]).toEqual([200, true]);
            for (const { data } of streamed.events) expectEvent(data);
            response = streamed.response;
            const told = streamed.events.map(({ name, data }) => `${name} ${objectOf(data["item"])["type"] ?? ""}`);
            if (wanted.has("toolStream")) {
              const events = [
                "output_item.added function_call",
                "function_call_arguments.delta ",
                "function_call_arguments.done ",
                "output_item.done function_call",
              ];
              expect(events.filter((event) => !told.includes(`response.${event}`))).toEqual([]);
            }
          } else {
            const answer = await house.whole(asked, script);
            expect(answer.status).toBe(200);
            response = answer.json;
          }
          expectResponse(response);
          if (wanted.has("completedStatus")) expect(response["status"]).toBe("completed");
          if (wanted.has("hasOutput")) expect(outputOf(response)).not.toEqual([]);
          if (wanted.has("hasFunctionCall")) expect(typesOf(response)).toContain("function_call");
        });
      }

      test.each([false, true])("a call, its output, an answer; streamed: %p", async (stream) => {
        const tools = [{ type: "function", name: "get_weather", parameters: { type: "object", properties: { location: { type: "string" } } } }];
        const question = { role: "user", content: "How is the weather in San Francisco?" };
        const ask = async (body: JsonObject, answer: Answer): Promise<JsonObject> => {
          if (!stream) return (await house.whole(body, { answer })).json;
          const { events, response } = await house.stream(body, { answer });
          for (const { data } of events) expectEvent(data);
          return response;
        };
        const first = await ask({ model: kind, tools, input: [question] }, { ...CALLS, thinking: "Look it up." });
        expectResponse(first);
        const call = outputOf(first).find((item) => item["type"] === "function_call");
        expect(call).toMatchObject({ name: "get_weather", arguments: '{"location":"San Francisco, CA"}' });
        // Clients send back what they were given, item by item.
        const output = { type: "function_call_output", call_id: call?.["call_id"] ?? null, output: "fog, 14 degrees" };
        const second = await ask({ model: kind, tools, input: [question, ...outputOf(first), output] }, { text: "Foggy." });
        expectResponse(second);
        expect([textOf(second), second["status"]]).toEqual(["Foggy.", "completed"]);
        expect(house.fake.seen[0]?.text).toContain("fog, 14 degrees");
      });
    });
  }
});
