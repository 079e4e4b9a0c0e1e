import type { ServerResponse } from "node:http";
import type { Core } from "./core.ts";
import { DEAD } from "./log-lines.ts";
import { type Body, CREATED, refuse, sendJson } from "./replies.ts";

interface Door {
  readonly response: ServerResponse;
  readonly core: Core;
  /** Chat's shapes; else those of completions. */
  readonly chat: boolean;
}

/** One answer to be. */
interface Plan {
  readonly model: string;
  readonly prompt: number;
  readonly cached: number;
  /** Tokens it will have. */
  readonly tokens: number;
  readonly finish: "stop" | "length";
  readonly includeUsage: boolean;
}

/** Generates as vLLM does: refuses what is too long, waits for its turn, then token by token, as a stream or whole. */
export async function generate(body: Body, door: Door): Promise<void> {
  const { core, response } = door;
  const { options, tally } = core;
  const text = promptText(body);
  const prompt = tokensIn(text);
  const bound = numberIn(body, "max_completion_tokens") ?? numberIn(body, "max_tokens");
  if (prompt + (bound ?? 1) > options.maxModelLen) {
    return refuse(response, { status: 400, type: "BadRequestError", message: tooLong({ prompt, bound, chat: door.chat, most: options.maxModelLen }) });
  }
  const whole = options.fake.answerTokens ?? 8;
  const tokens = Math.min(bound ?? whole, whole);
  const plan: Plan = {
    model: String(body["model"] ?? options.servedNames[0]),
    prompt,
    cached: tally.cached(text),
    tokens,
    finish: tokens < whole ? "length" : "stop",
    includeUsage: objectIn(body, "stream_options")["include_usage"] === true,
  };
  let left = false;
  response.on("close", () => {
    left = !response.writableFinished;
  });
  const gone = () => left;
  if (!(await enter(core, gone))) return;
  try {
    const outcome = body["stream"] === true ? await stream(plan, door, gone) : await answerWhole(plan, door, gone);
    if (outcome === "whole") tally.answered++;
    if (outcome === "left") tally.abandoned++;
  } finally {
    tally.running--;
  }
}

/** How generating went: `dead` is the engine's end, and the client's is told by whoever writes. */
type Outcome = "whole" | "left" | "dead" | "out-of-memory";

async function stream(plan: Plan, { response, core, chat }: Door, gone: () => boolean): Promise<Outcome> {
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
  response.flushHeaders();
  const frame = (value: unknown) => response.write(`data: ${typeof value === "string" ? value : JSON.stringify(value)}\n\n`);
  const head = { id: chat ? "chatcmpl-fake" : "cmpl-fake", object: chat ? "chat.completion.chunk" : "text_completion", created: CREATED, model: plan.model };
  const choice = (content: string, finish: string | null) =>
    chat ? { index: 0, delta: { content }, logprobs: null, finish_reason: finish } : { index: 0, text: content, logprobs: null, finish_reason: finish };
  const outcome = await produce(plan, core, gone, (word, index) => {
    if (index === 0 && chat) frame({ ...head, choices: [{ index: 0, delta: { role: "assistant", content: "" }, logprobs: null, finish_reason: null }] });
    frame({ ...head, choices: [choice(word, null)] });
  });
  if (outcome === "out-of-memory") frame({ error: { message: DEAD, type: "InternalServerError", param: null, code: 500 } });
  if (outcome === "whole") {
    frame({ ...head, choices: [choice("", plan.finish)] });
    if (plan.includeUsage) frame({ ...head, choices: [], usage: usageOf(plan) });
  }
  if (outcome === "whole" || outcome === "out-of-memory") {
    frame("[DONE]");
    response.end();
  }
  return outcome;
}

async function answerWhole(plan: Plan, { response, core, chat }: Door, gone: () => boolean): Promise<Outcome> {
  let text = "";
  const outcome = await produce(plan, core, gone, (word) => {
    text += word;
  });
  if (outcome === "out-of-memory") refuse(response, { status: 500, type: "InternalServerError", message: DEAD });
  if (outcome !== "whole") return outcome;
  const choice = chat ? { message: { role: "assistant", content: text, refusal: null } } : { text };
  sendJson(response, 200, {
    id: chat ? "chatcmpl-fake" : "cmpl-fake",
    object: chat ? "chat.completion" : "text_completion",
    created: CREATED,
    model: plan.model,
    choices: [{ index: 0, ...choice, logprobs: null, finish_reason: plan.finish, stop_reason: null }],
    usage: usageOf(plan),
  });
  return outcome;
}

/** Makes the tokens, one after the other, as the faults of the moment let it. */
async function produce({ tokens, prompt }: Plan, core: Core, gone: () => boolean, take: (word: string, index: number) => void): Promise<Outcome> {
  for (let index = 0; index < tokens; index++) {
    while (!gone() && index >= (core.faults.hangAfter ?? Number.POSITIVE_INFINITY)) await pause(10);
    if (index >= (core.faults.dieAfter ?? Number.POSITIVE_INFINITY)) {
      core.die();
      return "dead";
    }
    if (index >= (core.faults.outOfMemoryAfter ?? Number.POSITIVE_INFINITY)) {
      core.runOutOfMemory();
      return "out-of-memory";
    }
    if (gone()) return "left";
    // A prompt counts once it is computed, as vLLM has it.
    if (index === 0) core.tally.promptTokens += prompt;
    take(index === 0 ? "Token" : ` ${index}`, index);
    core.tally.generatedTokens++;
    await pause(core.faults.tokenDelay ?? 0);
  }
  return gone() ? "left" : "whole";
}

/** Waits until it may run, as vLLM's `--max-num-seqs` has it; false: its client left before. */
async function enter({ tally, options }: Core, gone: () => boolean): Promise<boolean> {
  tally.waiting++;
  while (tally.running >= options.maxNumSeqs && !gone()) await pause(2);
  tally.waiting--;
  if (gone()) {
    tally.abandoned++;
    return false;
  }
  tally.running++;
  tally.mostRunning = Math.max(tally.mostRunning, tally.running);
  return true;
}

export function embeddings(body: Body, { options, tally }: Core) {
  const inputs = listIn(body, "input");
  const tokens = inputs.reduce<number>((sum, input) => sum + tokensIn(textOf(input)), 0);
  tally.promptTokens += tokens;
  const vector = [0.6, 0.8, 0, 0];
  const embedding = body["encoding_format"] === "base64" ? Buffer.from(new Float32Array(vector).buffer).toString("base64") : vector;
  return {
    id: "embd-fake",
    object: "list",
    created: CREATED,
    model: body["model"] ?? options.servedNames[0],
    data: inputs.map((_, index) => ({ index, object: "embedding", embedding })),
    usage: { prompt_tokens: tokens, total_tokens: tokens, completion_tokens: 0, prompt_tokens_details: null },
  };
}

export function rerank(body: Body, { options, tally }: Core) {
  const documents = listIn(body, "documents");
  const tokens = documents.reduce<number>((sum, each) => sum + tokensIn(textOf(each)), tokensIn(textOf(body["query"])));
  tally.promptTokens += tokens;
  const results = documents.map((each, index) => ({ index, document: { text: textOf(each) }, relevance_score: 1 / (index + 1) }));
  return {
    id: "rerank-fake",
    model: body["model"] ?? options.servedNames[0],
    usage: { total_tokens: tokens },
    results: results.slice(0, numberIn(body, "top_n")),
  };
}

/** Four characters a token. */
function tokensIn(text: string): number {
  return Math.ceil(text.length / 4);
}

function usageOf({ prompt, cached, tokens }: Plan) {
  return { prompt_tokens: prompt, completion_tokens: tokens, total_tokens: prompt + tokens, prompt_tokens_details: { cached_tokens: cached } };
}

/** vLLM's own words. */
function tooLong({ prompt, bound, chat, most }: { prompt: number; bound: number | undefined; chat: boolean; most: number }): string {
  const where = chat ? "messages" : "prompt";
  if (bound === undefined) {
    return `This model's maximum context length is ${most} tokens. However, you requested ${prompt} tokens in the ${where}. Please reduce the length of the ${where}.`;
  }
  return `This model's maximum context length is ${most} tokens. However, you requested ${prompt + bound} tokens (${prompt} in the ${where}, ${bound} in the completion). Please reduce the length of the ${where} or completion.`;
}

function promptText(body: Body): string {
  return [...listIn(body, "messages"), ...listIn(body, "prompt")].map(textOf).join("\n");
}

/** The text of a message, a part, or a plain string. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(textOf).join("");
  if (typeof value !== "object" || value === null) return "";
  const { content, text } = value as Body;
  return textOf(content ?? text);
}

function listIn(body: Body, field: string): readonly unknown[] {
  const value = body[field];
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}

function numberIn(body: Body, field: string): number | undefined {
  const value = body[field];
  return typeof value === "number" ? value : undefined;
}

function objectIn(body: Body, field: string): Body {
  const value = body[field];
  return typeof value === "object" && value !== null ? (value as Body) : {};
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
