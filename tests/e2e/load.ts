import { hearChat, hearChatStream } from "../conformance/hearers/openai-chat.ts";
import type { GatewayProcess } from "../harness/gateway.ts";

/** What one client of a load saw. */
export interface Seen {
  readonly id: string;
  readonly stream: boolean;
  readonly deployment: string;
  readonly attempts: number;
  /** `whole`, `cut, and told`, or what was wrong. */
  readonly ended: string;
}

/** Clients that ask in turn, whole and streamed. */
export interface Load {
  /** Requests that are over, oldest first. */
  readonly seen: readonly Seen[];
  /** Lets those that run come to their end. */
  stop(): Promise<void>;
}

/** Milliseconds a client thinks before it asks again. */
const THINKS = 10;

/** Begins a load: so many clients, each asking again when it was answered. */
export function startLoad({ gateway, clients, model, answer }: { gateway: GatewayProcess; clients: number; model: string; answer: string }): Load {
  const seen: Seen[] = [];
  let stopping = false;
  const client = async (number: number) => {
    for (let turn = number; !stopping; turn++) {
      seen.push(await ask(gateway, model, turn % 2 === 0, answer));
      await new Promise((resolve) => setTimeout(resolve, THINKS));
    }
  };
  const all = Array.from({ length: clients }, (_, number) => client(number));
  return {
    seen,
    async stop() {
      stopping = true;
      await Promise.all(all);
    },
  };
}

async function ask({ url, key }: GatewayProcess, model: string, stream: boolean, answer: string): Promise<Seen> {
  const body = JSON.stringify({ model, stream, messages: [{ role: "user", content: "hello" }] });
  try {
    const response = await fetch(`${url}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${key}` }, body });
    const text = await response.text();
    const { status, headers } = response;
    return {
      id: headers.get("x-request-id") ?? "",
      stream,
      deployment: headers.get("x-signalbox-deployment") ?? "",
      attempts: Number(headers.get("x-signalbox-attempts") ?? 0),
      ended: status === 200 ? endOf(stream, text, answer) : `status ${status}: ${text}`,
    };
  } catch (thrown) {
    return { id: "", stream, deployment: "", attempts: 0, ended: `no answer: ${thrown}` };
  }
}

function endOf(stream: boolean, text: string, answer: string): string {
  const heard = stream ? hearChatStream(text) : hearChat(text);
  if (heard.problems.length > 0) return `${heard.problems.join("; ")}: ${text}`;
  if (heard.error === undefined) return heard.text === answer ? "whole" : `other words: ${text}`;
  return stream && heard.text !== "" && answer.startsWith(heard.text) ? "cut, and told" : `an error: ${text}`;
}
