import type { UpstreamClient } from "../../upstream/client.ts";
import { Cancellation } from "../../vocabulary/cancellation.ts";
import type { EngineSpec } from "../../vocabulary/engine.ts";
import { Failure } from "../../vocabulary/failure.ts";
import { isObject, listOf, objectOf, parseJson } from "../../vocabulary/json.ts";

/** One start of an engine, where it is called. */
export interface Place {
  readonly spec: EngineSpec;
  /** The name of this start. */
  readonly name: string;
  /** With its version path. */
  readonly baseUrl: string;
}

/** Looks at engines over HTTP. Nothing here rejects; every deadline is milliseconds. */
export interface EngineHealth {
  /** Does it say that it is well, and is it ours? Absent: yes; else why not. */
  answers(place: Place): Promise<string | undefined>;
  /** Is `/health` well? */
  isHealthy(place: Place): Promise<boolean>;
  /** Does it do its task, in the least way? Absent: it does; else why not. */
  worksWithin(place: Place, deadline: number): Promise<string | undefined>;
  /** A number that rises while it gets on with its requests; absent: it does not tell. */
  progress(place: Place): Promise<number | undefined>;
}

/** Longest wait for a page that costs nothing. */
const QUICK = 3000;
/** No answer to so little needs more. Bytes. */
const LARGEST = 4 * 1024 * 1024;

interface Answer {
  readonly status: number;
  readonly text: string;
}

export function engineHealth(client: Pick<UpstreamClient, "send">): EngineHealth {
  const ask = async (url: string, deadline: number, body?: object): Promise<Answer | undefined> => {
    const cancellation = new Cancellation();
    const timer = setTimeout(() => cancellation.cancel(new Failure("upstream-timeout", `No answer within ${deadline} ms.`)), deadline);
    try {
      const headers: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
      const reply = await client.send({ url, headers, body: body && JSON.stringify(body), cancellation, connectWithin: deadline });
      return { status: reply.status, text: await reply.text(LARGEST) };
    } catch {
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  };
  const models = ({ baseUrl }: Place) => ask(`${baseUrl}/models`, QUICK);
  // Not every server has a page of health: its list of models does as well.
  const isHealthy = async (place: Place) => {
    const health = await ask(`${rootOf(place.baseUrl)}/health`, QUICK);
    return health?.status === 200 || (health?.status === 404 && (await models(place))?.status === 200);
  };
  return {
    isHealthy,
    async answers(place) {
      if (!(await isHealthy(place))) return "its /health is not well";
      const list = await models(place);
      return list?.status === 200 ? whoseModels(list.text, place) : "it lists no models";
    },
    async worksWithin({ spec, baseUrl }, deadline) {
      const { path, body } = LEAST[spec.task](spec.model);
      const answer = await ask(baseUrl + path, deadline, body);
      if (answer === undefined) return `it did not answer ${path} within ${deadline / 1000} s`;
      return answer.status < 300 ? undefined : `it answered ${path} with ${answer.status}: ${answer.text.slice(0, 300)}`;
    },
    async progress({ baseUrl }) {
      const metrics = await ask(`${rootOf(baseUrl)}/metrics`, QUICK);
      return metrics?.status === 200 ? tokensIn(metrics.text) : undefined;
    },
  };
}

/** As little as can be asked of an engine, by its task. */
const LEAST: Readonly<Record<EngineSpec["task"], (model: string) => { readonly path: string; readonly body: object }>> = {
  chat: (model) => ({ path: "/chat/completions", body: { model, messages: [{ role: "user", content: "Hi" }], max_tokens: 1, stream: false } }),
  embed: (model) => ({ path: "/embeddings", body: { model, input: "Hi" } }),
  rerank: (model) => ({ path: "/rerank", body: { model, query: "Hi", documents: ["Hello"] } }),
};

/** Kinds that are told the name of their start, and list it. */
const TELLS_NAMES = ["vllm", "llama.cpp"];

/** An engine that listens where ours was to listen may be somebody else's: ours lists the name of its start, where its kind can. */
function whoseModels(text: string, { spec, name }: Place): string | undefined {
  const { data } = objectOf(parseJson(text));
  if (!TELLS_NAMES.includes(spec.kind) || spec.driver === "static" || spec.driver === "kubernetes") return undefined;
  // llama.cpp has further names beside the first; its older releases put them all into one.
  const names = listOf(data).flatMap((each) => (isObject(each) ? [each["id"], ...listOf(each["aliases"])] : []));
  const ours = names.some((each) => typeof each === "string" && each.split(",").includes(name));
  return ours ? undefined : `what answers there is not this start of it: its models are ${names.join(", ") || "none"}`;
}

/** Tokens read and written so far, as vLLM counts them; of llama.cpp, which counts tokens when an answer has ended, its steps. */
function tokensIn(metrics: string): number | undefined {
  const found = [...metrics.matchAll(/^(?:vllm:(?:prompt|generation)_tokens_total|llamacpp:(?:prompt_tokens|n_decode)_total)(?:\{[^}]*\})? ([0-9.eE+]+)/gm)];
  return found.length === 0 ? undefined : found.reduce((sum, [, value]) => sum + Number(value), 0);
}

/** The root of an address with a version path. */
function rootOf(baseUrl: string): string {
  return baseUrl.replace(/\/v\d+$/, "");
}
