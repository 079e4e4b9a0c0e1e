import { formAsksForEvents, type RelayRequest, readRelayRequest } from "../../dialects/openai-relay/read-request.ts";
import type { Relay } from "../../dialects/openai-relay/relays.ts";
import { expressOpenai } from "../../dialects/shared/openai/express.ts";
import type { ReplayableBody } from "../../upstream/client.ts";
import type { Destination, Outgoing } from "../../vocabulary/dialect.ts";
import { invalidRequest } from "../../vocabulary/failure.ts";
import type { Exchange } from "../visit/exchange.ts";

/** A request that is passed on, as far as it is understood. */
export interface RelayCall {
  readonly relay: Relay;
  /** Empty when none is named. */
  readonly model: string;
  /** Are server-sent events asked for? */
  readonly stream: boolean;
  /** Absent when it came as a form. */
  readonly request?: RelayRequest;
  /** Bytes of a form. */
  readonly size?: number;
  /** The request for an upstream that calls the model so. */
  write(destination: Destination): RelayOutgoing;
}

interface RelayOutgoing extends Omit<Outgoing, "body"> {
  readonly body: string | ReplayableBody;
}

/** Reads JSON, or a form onto the disk: whichever the client sends. Throws as the exchange does, and `invalid-request`. */
export async function readRelayCall(exchange: Exchange, relay: Relay): Promise<RelayCall> {
  const type = exchange.headers.get("content-type") ?? "";
  if (/^\s*multipart\/form-data\b/i.test(type)) return formCall(exchange, relay);
  if (relay.forms && !/json/i.test(type))
    throw invalidRequest("", "The request body is no form. Send it as multipart/form-data, with the file and the model as its fields.");
  const request = readRelayRequest(await exchange.body());
  const { model, stream } = request;
  return { relay, model, stream, request, write: (destination) => expressOpenai(request, destination) };
}

/** A form passes whole: only its model is changed. */
async function formCall(exchange: Exchange, relay: Relay): Promise<RelayCall> {
  if (!relay.forms) throw invalidRequest("", "The request body is a form. Send a JSON object with content-type application/json.");
  const form = await exchange.form();
  return {
    relay,
    model: form.field("model") ?? "",
    size: form.size,
    stream: formAsksForEvents(form.field("stream")),
    write: ({ model }) => ({ body: form.withModel(model), headers: { "content-type": form.contentType }, warnings: [] }),
  };
}
