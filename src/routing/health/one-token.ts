import { chatOutbound } from "../../dialects/index.ts";
import type { UpstreamClient } from "../../upstream/client.ts";
import { Cancellation } from "../../vocabulary/cancellation.ts";
import type { ChatRequest } from "../../vocabulary/chat.ts";
import { Failure } from "../../vocabulary/failure.ts";
import type { OneToken } from "./checks.ts";

/** As little as can be asked of a model that chats. */
const LEAST: Omit<ChatRequest, "model"> = {
  messages: [{ role: "user", parts: [{ type: "text", text: "Hi" }] }],
  tools: [],
  maxTokens: 1,
  stop: [],
  choices: 1,
  stream: false,
  extras: {},
};

/** No answer to so little needs more. Bytes. */
const LARGEST_ANSWER = 1024 * 1024;

/** Asks by the deployment's own dialect, with its service's first key. */
export function oneTokenOver(client: Pick<UpstreamClient, "send" | "explain">): OneToken {
  return async ({ service, model, profile }, deadline) => {
    const routes = service.routes.chat ?? [];
    const route = routes.find(({ dialect }) => profile.dialect === undefined || dialect === profile.dialect);
    if (route === undefined) return "does-not-chat";
    const dialect = chatOutbound(route.dialect);
    const cancellation = new Cancellation();
    const late = new Failure("upstream-timeout", `No answer within ${deadline} ms.`);
    const timer = setTimeout(() => cancellation.cancel(late), deadline);
    const url = service.baseUrl + route.path.replace("{model}", encodeURIComponent(model));
    try {
      const { body, headers } = dialect.write({ ...LEAST, model }, { model, profile });
      const sent = { "content-type": "application/json", ...service.keys[0].headers, ...headers };
      const reply = await client.send({ url, headers: sent, body, cancellation, connectWithin: deadline });
      const text = await reply.text(LARGEST_ANSWER);
      return reply.status < 300 ? "answered" : dialect.readFailure({ status: reply.status, headers: reply.headers, text });
    } catch (error) {
      return client.explain(error, url);
    } finally {
      clearTimeout(timer);
    }
  };
}
