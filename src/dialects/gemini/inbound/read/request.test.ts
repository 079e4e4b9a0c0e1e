import { describe, expect, test } from "bun:test";
import type { ChatRequest, Message } from "../../../../vocabulary/chat.ts";
import { Failure } from "../../../../vocabulary/failure.ts";
import type { Json, JsonObject } from "../../../../vocabulary/json.ts";
import { incoming } from "../../../shared/incoming.fixture.ts";
import { readChatCall, readCountCall } from "./call.ts";

const HI: Json = [{ role: "user", parts: [{ text: "hi" }] }];

const read = (body: object, verb = "generateContent") => readChatCall(incoming({ contents: HI, ...body }, {}, `m:${verb}`)).request();

/** What of a request is not as in the plainest one. */
function told(body: object): Partial<ChatRequest> {
  const plain = read({});
  return Object.fromEntries(
    Object.entries(read(body)).filter(([name, value]) => value !== undefined && JSON.stringify(value) !== JSON.stringify(plain[name as keyof ChatRequest])),
  );
}

const said = (contents: Json, more: object = {}): readonly Message[] => read({ contents, ...more }).messages;
const text = (words: string) => ({ type: "text", text: words }) as const;

const refusal = (ask: () => unknown): string => {
  try {
    ask();
    return "nothing was refused";
  } catch (thrown) {
    return thrown instanceof Failure && thrown.kind === "invalid-request" ? thrown.message : String(thrown);
  }
};

describe("the path", () => {
  test("names model and verb", () => {
    const call = readChatCall(incoming({ contents: HI }, {}, "meta%2Fllama:3b:streamGenerateContent"));
    expect([call.model, call.stream, call.wantsUsage, call.request().stream, call.request().model]).toEqual([
      "meta/llama:3b",
      true,
      true,
      true,
      "meta/llama:3b",
    ]);
    expect(read({}).stream).toBe(false);
  });
});

describe("contents", () => {
  test.each<[string, Json, readonly unknown[]]>([
    ["the plainest", HI, [{ role: "user", parts: [text("hi")] }]],
    ["one content and one part without their brackets", { parts: { text: "hi" } }, [{ role: "user", parts: [text("hi")] }]],
    [
      "the pieces of a streamed answer are one answer again",
      [
        { role: "user", parts: [{ text: "a" }, { text: "b" }] },
        { role: "model", parts: [{ text: "On" }] },
        { role: "model", parts: [{ text: "ce." }] },
        { role: "model", parts: [{ text: "" }] },
        { role: "user", parts: [{ text: "c" }] },
      ],
      [
        { role: "user", parts: [text("a"), text("b")] },
        { role: "assistant", parts: [text("Once.")] },
        { role: "user", parts: [text("c")] },
      ],
    ],
    [
      "thoughts, and proofs on what they stand on",
      [
        {
          role: "model",
          parts: [
            { text: "Hm", thought: true, thoughtSignature: "theirs" },
            { text: ".", thought: true },
            { text: "Yes.", thought_signature: "s1" },
            { text: "", thoughtSignature: "s2" },
            { inlineData: { mimeType: "image/PNG", data: "aGk" }, thoughtSignature: "s3" },
          ],
        },
      ],
      [
        {
          role: "assistant",
          parts: [
            { type: "thinking", text: "Hm." },
            { type: "text", text: "Yes.", signature: "s1" },
            { type: "text", text: "", signature: "s2" },
            { type: "image", media: { kind: "bytes", mime: "image/png", base64: "aGk" }, signature: "s3" },
          ],
        },
      ],
    ],
    [
      "pictures, sounds, films and files",
      [
        {
          parts: [
            { inline_data: { mime_type: "image/jpg", data: "a-_b" } },
            { inlineData: { mimeType: "audio/mp3", data: "aa" } },
            { inlineData: { mimeType: "application/pdf", data: "aa", displayName: "a.pdf" } },
            { fileData: { fileUri: "https://x/y.mp4", mimeType: "video/mp4" } },
            { fileData: { fileUri: "https://www.youtube.com/watch?v=1" } },
            { file_data: { file_uri: "https://generativelanguage.googleapis.com/v1beta/files/abc", mime_type: "image/png" } },
            { fileData: { fileUri: "files/abc" } },
          ],
        },
      ],
      [
        {
          role: "user",
          parts: [
            { type: "image", media: { kind: "bytes", mime: "image/jpeg", base64: "a+/b" } },
            { type: "audio", media: { kind: "bytes", mime: "audio/mpeg", base64: "aa" } },
            { type: "file", media: { kind: "bytes", mime: "application/pdf", base64: "aa" }, filename: "a.pdf" },
            { type: "video", media: { kind: "url", url: "https://x/y.mp4", mime: "video/mp4" } },
            { type: "video", media: { kind: "url", url: "https://www.youtube.com/watch?v=1" } },
            { type: "image", media: { kind: "stored", id: "https://generativelanguage.googleapis.com/v1beta/files/abc" } },
            { type: "file", media: { kind: "stored", id: "files/abc" } },
          ],
        },
      ],
    ],
    [
      "code that ran is text",
      [{ role: "model", parts: [{ text: "So:" }, { executableCode: { language: "PYTHON", code: "1" } }] }],
      [{ role: "assistant", parts: [text("So:\n```python\n1\n```\n")] }],
    ],
  ])("%s", (_name, contents, expected) => {
    expect(said(contents)).toEqual(expected as Message[]);
  });

  test("instructions come first, in either spelling, and alone too", () => {
    for (const name of ["systemInstruction", "system_instruction"])
      expect(said(HI, { [name]: { parts: [{ text: "Be brief." }, { text: "" }] } })[0]).toEqual({ role: "system", parts: [text("Be brief.")] });
    expect(said([{ parts: [{ text: "" }] }], { systemInstruction: { parts: { text: "Go." } } })).toEqual([{ role: "system", parts: [text("Go.")] }]);
  });

  test.each<[string, object, string]>([
    [
      "nobody's role",
      { contents: [{ role: "system", parts: [] }] },
      'contents[0].role is "system"; it must be user or model. Instructions belong in systemInstruction.',
    ],
    ["nothing said", { contents: [{ parts: [{ text: "" }] }] }, "contents holds nothing: send at least one part that is not empty."],
    ["an empty part", { contents: [{ parts: [{}] }] }, "contents[0].parts[0] holds nothing that can be translated"],
    ["a part that is text", { contents: [{ parts: ["hi"] }] }, "contents[0].parts[0] must be an object."],
    ["a model's empty part", { contents: [{ role: "model", parts: [{ toolCall: {} }] }] }, "contents[0].parts[0] holds nothing that can be translated"],
    ["text that is none", { contents: [{ parts: [{ text: 7 }] }] }, "contents[0].parts[0].text must be a string."],
    ["data without a type", { contents: [{ parts: [{ inlineData: { data: "aa" } }] }] }, "contents[0].parts[0].inlineData.mimeType is missing"],
    ["data without data", { contents: [{ parts: [{ inlineData: { mimeType: "image/png" } }] }] }, "contents[0].parts[0].inlineData.data is missing"],
    ["a file without an address", { contents: [{ parts: [{ fileData: {} }] }] }, "contents[0].parts[0].fileData.fileUri is missing."],
    [
      "the model's own sound",
      { contents: [{ role: "model", parts: [{ inlineData: { mimeType: "audio/wav", data: "aa" } }] }] },
      "contents[0].parts[0] is the model's own audio",
    ],
    ["a user's call", { contents: [{ parts: [{ functionCall: { name: "f" } }] }] }, "contents[0].parts[0].functionCall stands in a user's turn."],
    [
      "a model's result",
      { contents: [{ role: "model", parts: [{ functionResponse: { name: "f" } }] }] },
      "contents[0].parts[0].functionResponse stands in a model's turn.",
    ],
    ["a call of nothing", { contents: [{ role: "model", parts: [{ functionCall: {} }] }] }, "contents[0].parts[0].functionCall.name is missing"],
    ["a result of nothing", { contents: [{ parts: [{ functionResponse: { id: "x" } }] }] }, "contents[0].parts[0].functionResponse.name is missing"],
    [
      "a picture as instruction",
      { systemInstruction: { parts: [{ inlineData: { mimeType: "image/png", data: "aa" } }] } },
      "systemInstruction.parts[0] must be text.",
    ],
    ["stored content", { cachedContent: "cachedContents/x" }, "cachedContent names content that is stored at Google"],
  ])("%s is refused", (_name, body, message) => {
    expect(refusal(() => read(body))).toStartWith(message);
  });

  test.each<[string, object]>([
    ["none", { contents: undefined }],
    ["an empty list", { contents: [] }],
  ])("%s is refused before anybody is asked", (_name, body) => {
    expect(refusal(() => readChatCall(incoming({ ...body }, {}, "m:generateContent")))).toStartWith("contents is missing or empty.");
  });
});

describe("calls and their results", () => {
  const call = (name: string, id?: string, args?: Json): Json => ({
    functionCall: { name, ...(id === undefined ? {} : { id }), ...(args === undefined ? {} : { args }) },
  });
  const result = (name: string, output: string, id?: string): Json => ({
    functionResponse: { name, response: { output }, ...(id === undefined ? {} : { id }) },
  });
  const pairs = (contents: Json) => {
    const names = new Map<string, string>();
    return said(contents).flatMap((message) => {
      if (message.role === "assistant") for (const part of message.parts) if (part.type === "tool-call") names.set(part.id, `${part.name} ${part.arguments}`);
      return message.role === "tool"
        ? [`${names.get(message.callId) ?? message.callId} -> ${message.parts.map((part) => ("text" in part ? part.text : part.type)).join()}`]
        : [];
    });
  };

  test("without ids they pair by name, in order, round by round", () => {
    const contents: Json = [
      { role: "model", parts: [call("a", undefined, { n: 1 }), call("b"), call("a", undefined, { n: 2 })] },
      { role: "function", parts: [result("a", "one"), { text: "and" }, result("a", "two"), result("b", "three")] },
      { role: "model", parts: [call("a", undefined, { n: 3 }), call("a", undefined, { n: 4 })] },
      { role: "user", parts: [result("a", "four")] },
      { role: "model", parts: [call("a", undefined, { n: 5 })] },
      { role: "user", parts: [result("a", "five")] },
    ];
    expect(pairs(contents)).toEqual(['a {"n":1} -> one', 'a {"n":2} -> two', "b {} -> three", 'a {"n":3} -> four', 'a {"n":5} -> five']);
    expect(said(contents).map((message) => message.role)).toEqual(["assistant", "tool", "tool", "tool", "user", "assistant", "tool", "assistant", "tool"]);
    expect(JSON.stringify(said(contents))).toBe(JSON.stringify(said(contents)));
    const ids = said(contents).flatMap((message) =>
      message.role === "assistant" ? message.parts.flatMap((part) => (part.type === "tool-call" ? [part.id] : [])) : [],
    );
    expect(new Set(ids).size).toBe(6);
  });

  test("with ids they pair by id, whatever the order", () => {
    const contents: Json = [
      { role: "model", parts: [call("a", "x", { n: 1 }), call("a", "y", { n: 2 })] },
      { role: "user", parts: [result("a", "two", "y"), { functionResponse: { id: "x", response: { output: "one" } } }] },
    ];
    expect(pairs(contents)).toEqual(['a {"n":2} -> two', 'a {"n":1} -> one']);
  });

  test("an id on only one side, and a result of no call", () => {
    expect(
      pairs([
        { role: "model", parts: [call("a")] },
        { role: "user", parts: [result("a", "one", "mine")] },
      ]),
    ).toEqual(["a {} -> one"]);
    expect(pairs([{ role: "user", parts: [result("a", "one", "mine")] }])).toEqual(["mine -> one"]);
    expect(pairs([{ role: "user", parts: [result("a", "one")] }])).toEqual([expect.stringMatching(/^call_[0-9a-f]{28} -> one$/)]);
  });

  test("however many there are", () => {
    const many = Array.from({ length: 20_000 }, (_, index) => index);
    const contents: Json = [
      { role: "model", parts: many.map(() => call("a")) },
      { role: "user", parts: many.map((index) => result("a", `${index}`)) },
    ];
    const messages = said(contents);
    const answered = messages.flatMap((message) => (message.role === "tool" ? [message.callId] : []));
    const [asked] = messages;
    expect(asked?.role === "assistant" ? asked.parts.map((part) => (part.type === "tool-call" ? part.id : "")) : []).toEqual(answered);
  });

  test.each<[string, JsonObject, unknown]>([
    ["words under output", { output: "mild" }, { parts: [text("mild")] }],
    ["words under error", { error: "gone" }, { parts: [text("gone")], failed: true }],
    ["an object", { result: "mild", degrees: 21 }, { parts: [text('{"result":"mild","degrees":21}')] }],
    ["output that is no text", { output: [1] }, { parts: [text('{"output":[1]}')] }],
    ["nothing", {}, { parts: [] }],
  ])("a response with %s", (_name, response, expected) => {
    const [, message] = said([
      { role: "model", parts: [call("f", "1")] },
      { role: "user", parts: [{ functionResponse: { id: "1", name: "f", response } }] },
    ]);
    expect(message).toEqual({ role: "tool", callId: "1", toolName: "f", ...(expected as { parts: [] }) });
  });

  test("a result with a picture", () => {
    const parts = [{ inlineData: { mimeType: "image/png", data: "aa" } }];
    const [message] = said([{ parts: [{ functionResponse: { id: "1", name: "f", response: {}, parts } }] }]);
    expect(message?.parts).toEqual([{ type: "image", media: { kind: "bytes", mime: "image/png", base64: "aa" } }]);
  });
});

describe("generationConfig", () => {
  const schema = { type: "object", properties: { a: { type: "string" } } };
  test.each<[string, JsonObject, Partial<ChatRequest>]>([
    [
      "the tuning",
      {
        temperature: 1,
        topP: 0.5,
        topK: 3,
        maxOutputTokens: 9,
        stopSequences: ["END", ""],
        candidateCount: 2,
        seed: 4,
        presencePenalty: 0.1,
        frequencyPenalty: 0.2,
      },
      { temperature: 1, topP: 0.5, topK: 3, maxTokens: 9, stop: ["END"], choices: 2, seed: 4, presencePenalty: 0.1, frequencyPenalty: 0.2 },
    ],
    ["in the other spelling", { top_p: 0.5, max_output_tokens: "9", stop_sequences: "END" }, { topP: 0.5, maxTokens: 9, stop: ["END"] }],
    ["a float where others have a whole number", { topK: 40.5 }, { topK: 40 }],
    ["probabilities", { responseLogprobs: true, logprobs: 3 }, { logprobs: { top: 3 } }],
    ["alternatives without probabilities", { logprobs: 3 }, {}],
    ["JSON", { responseMimeType: "application/json" }, { format: { type: "json" } }],
    ["plain text", { responseMimeType: "text/plain" }, { format: { type: "text" } }],
    [
      "a schema",
      { responseMimeType: "application/json", responseSchema: { type: "OBJECT", properties: { a: { type: "STRING" } } } },
      { format: { type: "json-schema", name: "answer", schema } },
    ],
    ["JSON Schema", { response_mime_type: "application/json", response_json_schema: schema }, { format: { type: "json-schema", name: "answer", schema } }],
    ["its internal name", { _responseJsonSchema: schema }, { format: { type: "json-schema", name: "answer", schema } }],
    ["the newer format", { responseFormat: { text: { mimeType: "APPLICATION_JSON", schema } } }, { format: { type: "json-schema", name: "answer", schema } }],
    ["the newer format without a schema", { responseFormat: { text: { mimeType: "APPLICATION_JSON" } } }, { format: { type: "json" } }],
    ["the newer format of text", { responseFormat: { text: { mimeType: "TEXT_PLAIN" } } }, { format: { type: "text" } }],
    ["the newer format of pictures", { responseFormat: { image: {} } }, { extras: { "generationConfig.responseFormat": { image: {} } } }],
    ["a budget", { thinkingConfig: { thinkingBudget: 0 } }, { reasoning: { budget: 0 } }],
    ["a level", { thinkingConfig: { thinkingLevel: "low", includeThoughts: true } }, { reasoning: { effort: "low", show: true } }],
    ["thoughts that shall not be shown, which they are not by themselves", { thinkingConfig: { includeThoughts: false } }, {}],
    ["no level", { thinkingConfig: { thinkingLevel: "THINKING_LEVEL_UNSPECIFIED", thinkingBudget: -1 } }, { reasoning: { budget: -1 } }],
    ["modalities", { responseModalities: ["TEXT", "IMAGE"] }, { modalities: ["text", "image"] }],
    ["modalities by number", { responseModalities: [0, 1] }, { modalities: ["text"] }],
    [
      "a voice",
      { responseModalities: ["AUDIO"], speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: "Kore" } } } },
      { modalities: ["text", "audio"], audio: { voice: "Kore", format: "pcm16" } },
    ],
    ["a voice nobody hears", { speech_config: { voiceConfig: {} } }, { extras: { "generationConfig.speechConfig": { voiceConfig: {} } } }],
    ["what others have no word for", { mediaResolution: "MEDIA_RESOLUTION_LOW" }, { extras: { "generationConfig.mediaResolution": "MEDIA_RESOLUTION_LOW" } }],
    ["nothing, at length", { temperature: null, stopSequences: null, thinkingConfig: null, responseSchema: null }, {}],
  ])("%s", (_name, generationConfig, expected) => {
    expect(told({ generationConfig })).toEqual(expected);
    expect(told({ generation_config: generationConfig })).toEqual(expected);
  });

  test.each<[string, Json, string]>([
    ["a config that is none", "hot", "generationConfig must be an object."],
    ["a temperature in words", { temperature: "hot" }, "generationConfig.temperature must be a number."],
    ["a fraction of a token", { maxOutputTokens: 1.5 }, "generationConfig.maxOutputTokens must be an integer."],
    ["a stop that is none", { stopSequences: [1] }, "generationConfig.stopSequences[0] must be a string."],
    ["Gemini's bare enums", { responseMimeType: "text/x.enum" }, 'generationConfig.responseMimeType is "text/x.enum", which only Gemini answers in.'],
    ["a schema that is none", { responseJsonSchema: true }, "generationConfig.responseJsonSchema must be a JSON Schema object."],
    ["no such level", { thinkingConfig: { thinkingLevel: "DEEP" } }, 'generationConfig.thinkingConfig.thinkingLevel is "DEEP"'],
    ["a modality that is none", { responseModalities: [{}] }, "generationConfig.responseModalities[0] must be TEXT, IMAGE or AUDIO."],
    [
      "several speakers",
      { responseModalities: ["AUDIO"], speechConfig: { multiSpeakerVoiceConfig: {} } },
      "generationConfig.speechConfig.multiSpeakerVoiceConfig asks for several voices",
    ],
  ])("%s is refused", (_name, generationConfig, message) => {
    expect(refusal(() => read({ generationConfig }))).toStartWith(message);
  });
});

describe("tools", () => {
  const declared = (...functionDeclarations: JsonObject[]) => ({ tools: [{ functionDeclarations }] });

  test("declarations, with either kind of schema and with none", () => {
    const schema = { type: "object", properties: { a: { type: "string", minLength: 1 } } };
    expect(
      read({
        tools: [
          { functionDeclarations: [{ name: "a", description: "A", parameters: { type: "OBJECT", properties: { n: { type: "INTEGER" } } } }] },
          { function_declarations: [{ name: "b", parameters_json_schema: schema }, { name: "c" }], googleSearch: null },
        ],
      }).tools,
    ).toEqual([
      { name: "a", description: "A", parameters: { type: "object", properties: { n: { type: "integer" } } } },
      { name: "b", parameters: schema },
      { name: "c" },
    ] as never);
  });

  test.each<[string, JsonObject, ChatRequest["toolChoice"]]>([
    ["AUTO", { mode: "AUTO" }, { type: "auto" }],
    ["VALIDATED", { mode: "validated" }, { type: "auto" }],
    ["NONE", { mode: "NONE" }, { type: "none" }],
    ["ANY", { mode: "ANY" }, { type: "required" }],
    ["ANY by its number", { mode: 2 }, { type: "required" }],
    ["one that must be called", { mode: "ANY", allowedFunctionNames: ["a"] }, { type: "tool", name: "a" }],
    ["one of two that must be called", { mode: "ANY", allowed_function_names: ["a", "b"] }, { type: "some", mode: "required", names: ["a", "b"] }],
    ["two that may be called", { mode: "VALIDATED", allowedFunctionNames: ["a", "b"] }, { type: "some", mode: "auto", names: ["a", "b"] }],
    ["no mode", { mode: "MODE_UNSPECIFIED", allowedFunctionNames: ["a"] }, undefined],
    ["nothing", {}, undefined],
  ])("calling %s", (_name, functionCallingConfig, expected) => {
    expect(read({ toolConfig: { functionCallingConfig } }).toolChoice).toEqual(expected);
    expect(read({ tool_config: { function_calling_config: functionCallingConfig } }).toolChoice).toEqual(expected);
  });

  test.each<[string, object, string]>([
    ["Google's search", { tools: [{ functionDeclarations: [] }, { googleSearch: {} }] }, "tools[1].googleSearch is a tool that Google itself runs"],
    ["running code", { tools: [{ code_execution: {} }] }, "tools[0].code_execution is a tool that Google itself runs"],
    ["a function without a name", declared({}), "tools[0].functionDeclarations[0].name is missing."],
    [
      "a schema that is none",
      declared({ name: "a", parametersJsonSchema: [] }),
      "tools[0].functionDeclarations[0].parametersJsonSchema must be a JSON Schema object.",
    ],
    ["parameters that are none", declared({ name: "a", parameters: 1 }), "tools[0].functionDeclarations[0].parameters must be an object."],
    ["no such mode", { toolConfig: { functionCallingConfig: { mode: "SOME" } } }, 'toolConfig.functionCallingConfig.mode is "SOME"'],
  ])("%s is refused by name", (_name, body, message) => {
    expect(refusal(() => read(body))).toStartWith(message);
  });
});

describe("the rest", () => {
  test("fields without a word of ours are extras; the model's name in the body is none", () => {
    const safetySettings = [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }];
    expect(told({ model: "models/x", safety_settings: safetySettings, labels: { a: "b" }, store: false, tools: [] })).toEqual({
      extras: { safetySettings, labels: { a: "b" }, store: false },
    });
    expect(read({}).origin).toBe("gemini");
  });

  test("so is what stands beside a part's content", () => {
    const parts = [
      { fileData: { fileUri: "gs://a/b.mp4", mimeType: "video/mp4" }, videoMetadata: { fps: 1 } },
      { text: "hi", media_resolution: {} },
    ];
    expect(read({ contents: [{ parts }] }).extras).toEqual({ "parts.videoMetadata": true, "parts.mediaResolution": true });
  });

  test.each([
    ["flex", "flex"],
    ["PRIORITY", "priority"],
    ["unspecified", undefined],
  ])("the tier %s", (serviceTier, expected) => {
    expect(read({ serviceTier }).serviceTier).toBe(expected);
  });
});

describe("countTokens", () => {
  const count = (body: object) => readCountCall(incoming(body, {}, "m:countTokens"));
  test("contents alone, or a whole request", () => {
    expect(count({ contents: HI }).request().messages).toEqual([{ role: "user", parts: [text("hi")] }]);
    const whole = { model: "models/m", contents: HI, systemInstruction: { parts: [{ text: "s" }] } };
    for (const name of ["generateContentRequest", "generate_content_request"]) expect(count({ [name]: whole }).request().messages).toHaveLength(2);
    expect([count({ contents: HI }).stream, count({ contents: HI }).model]).toEqual([false, "m"]);
  });

  test("refusals name the place in what was sent", () => {
    expect(refusal(() => count({}))).toStartWith("contents is missing or empty.");
    expect(refusal(() => count({ generateContentRequest: {} }))).toStartWith("generateContentRequest.contents is missing or empty.");
    expect(refusal(() => count({ generateContentRequest: { contents: HI, tools: [{ urlContext: {} }] } }).request())).toStartWith(
      "generateContentRequest.tools[0].urlContext",
    );
  });
});
