import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { objectOf, parseJson } from "../../src/vocabulary/json.ts";

/** An upstream that answers when it is told to: what a test does before that happens while its requests run, on any machine. */
export interface HeldUpstream {
  /** With `/v1`. */
  readonly url: string;
  /** Requests that wait for their answer; of a stream the first word is already out. */
  waiting(): number;
  /** Answers all that wait, to the end. */
  letGo(): void;
  stop(): Promise<void>;
}

export const FIRST_WORD = "first";
export const LAST_WORD = "last";

/** Starts one that speaks OpenAI's chat completions. */
export async function startHeldUpstream(): Promise<HeldUpstream> {
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
    });
    request.on("end", () => {
      const finish = objectOf(parseJson(text))["stream"] === true ? beginStream(response) : () => answerWhole(response);
      waiting.add(finish);
      response.on("close", () => waiting.delete(finish));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    waiting: () => waiting.size,
    letGo() {
      for (const finish of waiting) finish();
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const COMMON = { id: "chatcmpl-held", created: 1_700_000_000, model: "held" };

function beginStream(response: ServerResponse): () => void {
  const chunk = (delta: object, finish: string | null = null) =>
    `data: ${JSON.stringify({ ...COMMON, object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(chunk({ role: "assistant", content: `${FIRST_WORD} ` }));
  return () => response.end(`${chunk({ content: LAST_WORD })}${chunk({}, "stop")}data: [DONE]\n\n`);
}

function answerWhole(response: ServerResponse): void {
  const message = { role: "assistant", content: `${FIRST_WORD} ${LAST_WORD}` };
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ ...COMMON, object: "chat.completion", choices: [{ index: 0, message, finish_reason: "stop" }] }));
}

/** A streamed answer as a client reads it: up to its first word, and then to its end. */
export async function readToFirstWord(answer: Response): Promise<() => Promise<string>> {
  const reader = answer.body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  const more = async (): Promise<boolean> => {
    const piece = await reader?.read();
    text += decoder.decode(piece?.value, { stream: true });
    return piece?.done === false;
  };
  while (!text.includes(FIRST_WORD)) if (!(await more())) throw new Error(`The stream ended before its first word: ${text}`);
  return async () => {
    while (await more());
    return text;
  };
}
