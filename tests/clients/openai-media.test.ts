import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import OpenAI, { toFile } from "openai";
import { AUDIO, PIXEL } from "../fakes/upstream/answers/others.ts";
import { failing } from "../fakes/upstream/behaviours.ts";
import { type House, openHouse } from "./house.ts";

/** OpenAI's client and what is passed on as it is: pictures, sound, moderations. */
let house: House;
let client: OpenAI;
beforeAll(async () => {
  house = await openHouse();
  client = new OpenAI({ baseURL: house.baseURL, apiKey: "sb-test", maxRetries: 0 });
});
afterAll(() => house.stop());

const SOUND = Buffer.concat(AUDIO);
const sound = () => toFile(SOUND, "грюсе.wav");
const picture = (name: string) => toFile(Buffer.from(PIXEL, "base64"), name, { type: "image/png" });
const USED = { usage: { input: 9, imageInput: 4, audioInput: 4, output: 7 } };

describe("pictures", () => {
  test("made", async () => {
    house.play({ answer: USED });
    const answer = await client.images.generate({ model: "openai", prompt: "a red house", n: 2, size: "1024x1024" });
    expect(answer.data?.map((each) => each.b64_json)).toEqual([PIXEL, PIXEL]);
    expect(answer.usage).toMatchObject({ input_tokens: 9, output_tokens: 7 });
    expect(house.fake.seen[0]?.json).toEqual({ model: "gpt-4o-mini", prompt: "a red house", n: 2, size: "1024x1024" });
  });

  test("made, piece by piece", async () => {
    house.play({ answer: USED });
    const seen: string[] = [];
    for await (const event of await client.images.generate({ model: "openai", prompt: "a", stream: true, partial_images: 1 })) seen.push(event.type);
    expect(seen).toEqual(["image_generation.partial_image", "image_generation.completed"]);
  });

  test("edited", async () => {
    house.play({ answer: USED });
    const image = [await picture("one.png"), await picture("two.png")];
    const answer = await client.images.edit({ model: "openai", prompt: "red", image, mask: await picture("mask.png"), n: 1 });
    expect(answer.data?.map((each) => each.b64_json)).toEqual([PIXEL]);
    const [seen] = house.fake.seen;
    expect([seen?.path, seen?.model]).toEqual(["/v1/images/edits", "gpt-4o-mini"]);
    expect(seen?.json).toMatchObject({ prompt: "red", n: "1" });
    for (const name of ["one.png", "two.png", "mask.png"]) expect(seen?.text).toContain(`filename="${name}"`);
    expect(Buffer.from(seen?.body ?? []).includes(Buffer.from(PIXEL, "base64"))).toBe(true);
  });

  test("edited, piece by piece", async () => {
    house.play({ answer: USED });
    const seen: string[] = [];
    for await (const event of await client.images.edit({ model: "openai", prompt: "red", image: await picture("one.png"), stream: true }))
      seen.push(event.type);
    expect(seen).toEqual(["image_edit.partial_image", "image_edit.completed"]);
  });
});

for (const model of ["openai", "vllm"] as const) {
  describe(`${model}: transcriptions`, () => {
    test("whole", async () => {
      house.play({ answer: { text: "said so", ...USED } });
      const answer = await client.audio.transcriptions.create({ model, file: await sound() });
      expect(answer.text).toBe("said so");
      expect(answer.usage).toMatchObject({ type: "tokens", input_tokens: 9, input_token_details: { audio_tokens: 4 } });
      expect(Buffer.from(house.fake.seen[0]?.body ?? []).includes(SOUND)).toBe(true);
    });

    test("as text, and with its length", async () => {
      house.play({ answer: { text: "said so" } });
      expect(await client.audio.transcriptions.create({ model, file: await sound(), response_format: "text" })).toBe("said so\n");
      const verbose = await client.audio.transcriptions.create({ model, file: await sound(), response_format: "verbose_json" });
      expect([verbose.text, verbose.duration]).toEqual(["said so", 3.7]);
    });

    test("streamed", async () => {
      house.play({ answer: { text: ["said ", "so"], ...USED } });
      let heard = "";
      const ends: string[] = [];
      for await (const event of await client.audio.transcriptions.create({ model, file: await sound(), stream: true })) {
        if (event.type === "transcript.text.delta") heard += event.delta;
        if (event.type === "transcript.text.done") ends.push(event.text);
      }
      expect([heard, ends]).toEqual(["said so", ["said so"]]);
    });

    test("streamed, with an error in the middle", async () => {
      house.play(() => ({ answer: { text: ["said ", "so"] }, errorFrame: { afterFrames: 1 } }));
      const stream = await client.audio.transcriptions.create({ model, file: await sound(), stream: true });
      const read = async () => {
        for await (const _event of stream);
      };
      await expect(read()).rejects.toThrow("The fake broke in the middle of its answer.");
    });

    test("translated", async () => {
      house.play({ answer: { text: "said so" } });
      expect((await client.audio.translations.create({ model, file: await sound() })).text).toBe("said so");
      expect(house.fake.seen[0]?.path).toBe("/v1/audio/translations");
    });
  });
}

describe("speech", () => {
  test("is bytes", async () => {
    house.play();
    const answer = await client.audio.speech.create({ model: "openai", voice: "alloy", input: "say so" });
    expect([answer.headers.get("content-type"), Buffer.from(await answer.arrayBuffer())]).toEqual(["audio/mpeg", SOUND]);
    expect(house.fake.seen[0]?.json).toEqual({ model: "gpt-4o-mini", voice: "alloy", input: "say so" });
  });

  test("comes before it is whole", async () => {
    house.play({ stall: { afterFrames: 1 } });
    const answer = await client.audio.speech.create({ model: "openai", voice: "alloy", input: "say so" });
    const reader = answer.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? [])).toEqual(Buffer.from(AUDIO[0] ?? []));
    await reader?.cancel();
    expect(await (await house.fake.request(0)).settled).toBe("client-left");
  });

  test("that no upstream of the model can do is a clear 404", async () => {
    house.play();
    const failure = await client.audio.speech.create({ model: "anthropic", voice: "alloy", input: "say so" }).catch((error) => error);
    expect(failure).toBeInstanceOf(OpenAI.NotFoundError);
    expect(failure.message).toContain('The model "anthropic" cannot do speech.');
  });
});

describe("moderations", () => {
  test("of a text and of several things", async () => {
    house.play();
    for (const input of ["kind words", [{ type: "text", text: "kind words" }] satisfies OpenAI.ModerationMultiModalInput[]]) {
      const answer = await client.moderations.create({ model: "openai", input });
      expect(answer.results[0]?.flagged).toBe(false);
    }
  });

  test("that fail are the client's own errors", async () => {
    house.play(() => failing(429, 7));
    const failure = await client.moderations.create({ model: "openai", input: "a" }).catch((error) => error);
    expect(failure).toBeInstanceOf(OpenAI.RateLimitError);
    expect(failure.headers.get("retry-after")).toBe("7");
  });
});
