import { isObject, type Json, type JsonObject, numberOf, parseJson, stringOf } from "../vocabulary/json.ts";
import { demoAnswer } from "./answer.ts";
import { asChat, chatBody, chatChunks, completionBody, completionChunks, type DemoTurn } from "./bodies.ts";
import { DEMO_MODELS, type DemoFault, type DemoModel, demoModel } from "./models.ts";
import { moderate, type OtherAnswer, picture, rerank, speak, transcribe } from "./others.ts";
import { embeddingOf, tokensOf } from "./tokens.ts";

/** Speaks OpenAI's API with simulated models; `request` to answer, by the web's own types. Never rejects. */
export type DemoProvider = (request: Request) => Promise<Response>;

/** Seconds since 1970 at which the simulated models claim to be made. */
const CREATED = 1_767_225_600;
const STALL_MS = 600_000;
const MOST_DIMENSIONS = 4096;

/** The models of a provider, and those that a name stands for. */
export interface DemoCatalog {
  readonly all: readonly DemoModel[];
  find(name: string): DemoModel | undefined;
}

/** A provider whose flaky models start at the beginning of their turns. */
export function createSimulatedProvider(now: () => number = Date.now, models: DemoCatalog = { all: DEMO_MODELS, find: demoModel }): DemoProvider {
  const calls = new Map<string, number>();
  let served = 0;

  return async (request) => {
    const path = new URL(request.url).pathname.replace(/\/$/, "");
    if (request.method === "GET" && path === "/v1/models") return json(200, { object: "list", data: models.all.map(listed) });
    const named = /^\/v1\/models\/([^/]+)$/.exec(path)?.[1];
    if (request.method === "GET" && named !== undefined) {
      const model = models.find(decodeURIComponent(named));
      return model ? json(200, listed(model)) : noSuchModel(named);
    }
    const route = ROUTES.get(path);
    if (request.method !== "POST" || !route)
      return failure(404, "invalid_request_error", "not_found", `The simulated provider has nothing at ${request.method} ${path}.`);
    const { body, file } = await requestOf(request);
    if (!isObject(body)) return failure(400, "invalid_request_error", "invalid_request_error", "The body is not a JSON object.");

    const name = stringOf(body.model) ?? "";
    const model = models.find(name);
    if (!model || model.task !== route.task) return noSuchModel(name);
    const call = calls.get(model.id) ?? 0;
    calls.set(model.id, call + 1);
    const fault = model.faults?.[call % model.faults.length] ?? "none";
    const id = `${(++served).toString(36).padStart(8, "0")}`;
    return route.answer({ body, file, model, fault, id, created: Math.floor(now() / 1000), gone: request.signal });
  };
}

/** The provider behind `--demo`: one for the whole process. */
export const simulatedProvider: DemoProvider = createSimulatedProvider();

interface DemoCall {
  readonly body: JsonObject;
  readonly file?: Buffer;
  readonly model: DemoModel;
  readonly fault: DemoFault;
  readonly id: string;
  readonly created: number;
  readonly gone: AbortSignal;
}

interface DemoRoute {
  readonly task: DemoModel["task"];
  readonly answer: (call: DemoCall) => Promise<Response>;
}

const ROUTES: ReadonlyMap<string, DemoRoute | undefined> = new Map(
  Object.entries({
    "/v1/chat/completions": { task: "chat", answer: (call) => talk(call, turnOf(call, "chatcmpl"), chatBody, chatChunks) },
    "/v1/completions": { task: "chat", answer: (call) => talk(call, turnOf({ ...call, body: asChat(call.body) }, "cmpl"), completionBody, completionChunks) },
    "/v1/embeddings": { task: "embed", answer: embed },
    "/v1/rerank": { task: "rerank", answer: (call) => tell(call, rerank(call)) },
    "/v1/moderations": { task: "moderate", answer: (call) => tell(call, moderate(call)) },
    "/v1/images/generations": { task: "picture", answer: (call) => tell(call, picture(call)) },
    "/v1/images/edits": { task: "picture", answer: (call) => tell(call, picture(call)) },
    "/v1/audio/speech": { task: "speak", answer: (call) => tell(call, speak(call)) },
    "/v1/audio/transcriptions": { task: "transcribe", answer: (call) => tell(call, transcribe(call)) },
    "/v1/audio/translations": { task: "transcribe", answer: (call) => tell(call, transcribe(call)) },
  }),
);

/** A body as JSON, or a form's fields and its first file. */
async function requestOf(request: Request): Promise<{ readonly body: Json | undefined; readonly file?: Buffer }> {
  if (!request.headers.get("content-type")?.startsWith("multipart/form-data")) return { body: parseJson(await request.text()) };
  const form = [...(await request.formData().catch(() => new FormData()))];
  const body = Object.fromEntries(form.filter((field): field is [string, string] => typeof field[1] === "string"));
  const [file] = form.flatMap(([, value]) => (typeof value === "string" ? [] : [value]));
  return { body, ...(file === undefined ? {} : { file: Buffer.from(await file.arrayBuffer()) }) };
}

/** An answer that is neither a chat nor vectors, as a response. */
async function tell(call: DemoCall, answer: OtherAnswer): Promise<Response> {
  if ("events" in answer) return new Response(streamOf(call, answer.events), { headers: { "content-type": "text/event-stream; charset=utf-8" } });
  await sleep(call.model.firstDelay, call.gone);
  return "json" in answer ? json(200, answer.json) : new Response(new Uint8Array(answer.bytes), { headers: { "content-type": answer.type } });
}

function turnOf({ body, model, id, created }: DemoCall, prefix: string): DemoTurn {
  return { request: body, answer: demoAnswer(body, model.thinks), id: `${prefix}-demo-${id}`, created };
}

async function talk(
  call: DemoCall,
  turn: DemoTurn,
  whole: (turn: DemoTurn) => JsonObject,
  chunks: (turn: DemoTurn) => Iterable<JsonObject>,
): Promise<Response> {
  const { model, fault, gone } = call;
  if (fault === "stall") await sleep(STALL_MS, gone);
  const refused = refusalOf(fault);
  if (refused) return refused;
  if (call.body.stream === true) return new Response(streamOf(call, chunks(turn)), { headers: { "content-type": "text/event-stream; charset=utf-8" } });
  const body = whole(turn);
  const tokens = tokensOf(JSON.stringify(turn.answer)).length;
  await sleep(model.firstDelay + Math.min(tokens * model.tokenDelay, 20_000), gone);
  return fault === "none" ? json(200, body) : failure(500, "server_error", "internal_error", "The simulated model broke in the middle of its answer.");
}

function refusalOf(fault: DemoFault): Response | undefined {
  switch (fault) {
    case "unavailable":
      return failure(503, "server_error", "unavailable", "The simulated model is overloaded. Try again.");
    case "rate-limited":
      return failure(429, "rate_limit_error", "rate_limit_exceeded", "The simulated model has had enough for a second.", { "retry-after": "1" });
    case "broken":
    case "stall":
      return failure(500, "server_error", "internal_error", "The simulated model is broken, as its name says.");
    case "none":
    case "error-frame":
    case "cut":
      return undefined;
    default:
      return fault satisfies never;
  }
}

/** Server-sent events, one chunk per pull: nobody who does not read is written to, and the pace is kept between pulls. */
function streamOf({ model, fault, gone }: DemoCall, chunks: Iterable<JsonObject>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const frames = chunks[Symbol.iterator]();
  const left = new AbortController();
  const over = AbortSignal.any([gone, left.signal]);
  let sent = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        await sleep(sent === 0 ? model.firstDelay : model.tokenDelay, over);
        if (over.aborted) return;
        const next = frames.next();
        if (fault === "error-frame" && sent === 1) {
          const error = { error: { message: "The simulated model broke before its first word.", type: "server_error", param: null, code: null } };
          controller.enqueue(encoder.encode(`data: ${JSON.stringify(error)}\n\n`));
          return controller.close();
        }
        // Ended, not failed: the server this runs in would report an error of its own making.
        if (fault === "cut" && sent === 6) return controller.close();
        sent += 1;
        controller.enqueue(encoder.encode(next.done ? "data: [DONE]\n\n" : `data: ${JSON.stringify(next.value)}\n\n`));
        if (next.done) controller.close();
      },
      cancel: () => left.abort(),
    },
    { highWaterMark: 0 },
  );
}

async function embed({ body, model, gone }: DemoCall): Promise<Response> {
  await sleep(model.firstDelay, gone);
  const input = body.input;
  const inputs = Array.isArray(input) && typeof input[0] !== "number" ? input : [input ?? ""];
  const dimensions = Math.min(Math.max(1, Math.floor(numberOf(body.dimensions) ?? 256)), MOST_DIMENSIONS);
  let tokens = 0;
  const data = inputs.map((one, index) => {
    const text = typeof one === "string" ? one : JSON.stringify(one);
    tokens += typeof one === "string" ? tokensOf(one).length : Array.isArray(one) ? one.length : 1;
    const vector = embeddingOf(text, dimensions);
    return { object: "embedding", index, embedding: body.encoding_format === "base64" ? base64Of(vector) : vector };
  });
  return json(200, { object: "list", data, model: body.model, usage: { prompt_tokens: tokens, total_tokens: tokens } });
}

/** Little-endian 32-bit floats, as OpenAI sends them. */
function base64Of(vector: readonly number[]): string {
  const view = new DataView(new ArrayBuffer(vector.length * 4));
  for (const [index, value] of vector.entries()) view.setFloat32(index * 4, value, true);
  return btoa(Array.from(new Uint8Array(view.buffer), (byte) => String.fromCharCode(byte)).join(""));
}

function listed(model: DemoModel): JsonObject {
  return { id: model.id, object: "model", created: CREATED, owned_by: "signalbox-demo", description: model.about };
}

function noSuchModel(name: string): Response {
  const known = DEMO_MODELS.map((model) => model.id).join(", ");
  return failure(404, "invalid_request_error", "model_not_found", `There is no simulated model "${name}" for this route; there are ${known}.`);
}

function failure(status: number, type: string, code: string, message: string, headers: Record<string, string> = {}): Response {
  return json(status, { error: { message, type, param: null, code } }, headers);
}

function json(status: number, body: Json, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });
}

/** Waits so many milliseconds, or until nobody waits for the answer any more. */
function sleep(milliseconds: number, gone: AbortSignal): Promise<void> {
  if (milliseconds <= 0 || gone.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      gone.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    gone.addEventListener("abort", done);
  });
}
