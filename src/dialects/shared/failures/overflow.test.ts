import { describe, expect, test } from "bun:test";
import { type Overflow, overflowIn, saysContextOverflow } from "./overflow.ts";

describe("a conversation that does not fit", () => {
  const rows: [string, Overflow | undefined][] = [
    ["context_length_exceeded", undefined],
    ["the context window is full", undefined],
    // OpenAI.
    ["This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.", { prompt: 9000, limit: 8192 }],
    // Anthropic.
    ["prompt is too long: 210000 tokens > 200000 maximum", { prompt: 210_000, limit: 200_000 }],
    ["input length and `max_tokens` exceed context limit: 5000 + 4000 > 8192", { prompt: 5000, answer: 4000, limit: 8192 }],
    // Gemini.
    ["The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).", { prompt: 1_200_000, limit: 1_048_576 }],
    // vLLM, oldest first.
    [
      "This model's maximum context length is 131072 tokens. However, you requested 156632 tokens (152536 in the messages, 4096 in the completion). Please reduce the length of the messages or completion.",
      { prompt: 152_536, answer: 4096, limit: 131_072 },
    ],
    [
      "The prompt (total length 25938) is too long to fit into the model (context length 4096). Make sure that `max_model_len` is no smaller than the number of text tokens plus multimodal tokens.",
      { prompt: 25_938, limit: 4096 },
    ],
    [
      "The decoder prompt (length 5951) is longer than the maximum model length of 4096. Make sure that `max_model_len` is no smaller than the number of text tokens.",
      { prompt: 5951, limit: 4096 },
    ],
    [
      "'max_tokens' or 'max_completion_tokens' is too large: 8000. This model's maximum context length is 4096 tokens and your request has 2778 input tokens (8000 > 4096 - 2778). None",
      { prompt: 2778, answer: 8000, limit: 4096 },
    ],
    [
      "This model's maximum context length is 3 tokens. However, your request has 8 input tokens. Please reduce the length of the input messages. (parameter=input_tokens, value=8)",
      { prompt: 8, limit: 3 },
    ],
    [
      "This model's maximum context length is 2048 tokens. However, your request has 8 input tokens plus 2045 'max_tokens'. Please reduce one or the other.",
      { prompt: 8, answer: 2045, limit: 2048 },
    ],
    [
      "You passed 99073 input tokens and requested 32000 output tokens. However, the model's context length is only 131072 tokens, resulting in a maximum input length of 99072 tokens. Please reduce the length of the input prompt. (parameter=input_tokens, value=99073)",
      { prompt: 99_073, answer: 32_000, limit: 131_072 },
    ],
    ["You passed 90000 input characters. However, the model's context length is only 2048 tokens (at most 81920 characters).", undefined],
    [
      "This model's maximum context length is 8192 tokens. However, you requested 4096 output tokens and your prompt contains at least 4097 input tokens, for a total of at least 8193 tokens. Please reduce the length of the input prompt or the number of requested output tokens.",
      { prompt: 4097, answer: 4096, limit: 8192 },
    ],
    [
      "This model's maximum context length is 8192 tokens. However, you requested 64 output tokens and your prompt contains 10000 input tokens, for a total of 10064 tokens.",
      { prompt: 10_000, answer: 64, limit: 8192 },
    ],
    [
      "This model's maximum context length is 8192 tokens. However, you requested 64 output tokens and your prompt contains 100000 characters (more than 81280 characters, which is the upper bound for 8128 input tokens).",
      undefined,
    ],
    ["max_completion_tokens=131072 cannot be greater than max_model_len=max_total_tokens=65536", undefined],
    // llama.cpp.
    ["request (619 tokens) exceeds the available context size (512 tokens), try increasing it", { prompt: 619, limit: 512 }],
    ["input (701 tokens) is too large to process. increase the physical batch size (current batch size: 512)", { prompt: 701, limit: 512 }],
    // SGLang.
    ["The input (9000 tokens) is longer than the model's context length (8192 tokens).", { prompt: 9000, limit: 8192 }],
  ];
  test.each(rows)("%s", (message, numbers) => {
    expect(saysContextOverflow(message)).toBe(true);
    expect(overflowIn(message)).toEqual(numbers as Overflow);
  });
});

test.each(["max_tokens is too large: 100000", "Rate limit reached for tokens per minute", "image input is not supported"])("%s is none", (message) => {
  expect(saysContextOverflow(message)).toBe(false);
  expect(overflowIn(message)).toBeUndefined();
});
