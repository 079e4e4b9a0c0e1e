import type { UpstreamClient } from "../../upstream/client.ts";
import { Cancellation } from "../../vocabulary/cancellation.ts";
import { FAILURES, Failure, type FailureKind } from "../../vocabulary/failure.ts";
import type { FleetRole } from "../../vocabulary/fleet-role.ts";
import { numberOf, objectOf, parseJson, stringOf } from "../../vocabulary/json.ts";
import type { Guest, Stay } from "../callers.ts";

/** Where the gateway that looks after the engines is asked for a stay, by those that do not. */
export const STAYS = "/fleet/stays";

/** The way to engines that another gateway looks after. */
export interface HolderDoor {
  /** A stay there, once the engine is up. Rejects with what the other gateway says, or with `engine-starting` where it cannot be asked. */
  enter(engine: string, guest: Guest, onCallOff: (end: (reason: Failure) => void) => void): Promise<Stay>;
  /** What a guest who waits is told. */
  outlook(engine: string, guest: Guest): string;
}

/** Milliseconds. */
const CONNECT_WITHIN = 3000;

/**
 * Asks for stays over HTTP: the connection is the stay, and closing it is leaving. What comes over it are lines of JSON: how it stands while one
 * waits, and then where the engine is called. Requests themselves go to the engine and not by way of the other gateway.
 */
export function holderDoor(client: Pick<UpstreamClient, "send">, { address, secret }: Pick<FleetRole, "address" | "secret">): HolderDoor {
  const outlooks = new WeakMap<Guest, string>();
  const ask = async (engine: string, guest: Guest, cancellation: Cancellation): Promise<Stay> => {
    const url = `${address}${STAYS}/${encodeURIComponent(engine)}?priority=${guest.priority}`;
    const reply = await client.send({ url, headers: { authorization: `Bearer ${secret}` }, body: "", cancellation, connectWithin: CONNECT_WITHIN });
    if (reply.status !== 200) throw failureIn(await reply.text());
    let text = "";
    for (let bytes = await reply.next(); bytes !== undefined; bytes = await reply.next()) {
      text += bytes.toString();
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      for (const line of lines.map((each) => objectOf(parseJson(each)))) {
        const baseUrl = stringOf(line["base_url"]);
        if (baseUrl !== undefined) return { baseUrl, unreachable: () => undefined, leave: () => cancellation.cancel(LEFT) };
        if (line["kind"] !== undefined) throw failureOf(line);
        outlooks.set(guest, stringOf(line["waiting"]) ?? "");
      }
    }
    throw new Error("it ended without a word");
  };
  return {
    async enter(engine, guest, onCallOff) {
      const cancellation = new Cancellation();
      let here = true;
      onCallOff((reason) => void (here && cancellation.cancel(reason)));
      try {
        return await ask(engine, guest, cancellation);
      } catch (error) {
        if (cancellation.reason !== undefined) throw cancellation.reason;
        if (error instanceof Failure) throw error;
        throw new Failure(
          "engine-starting",
          `The engine ${engine} is looked after by another gateway, at ${address}, which does not answer. Ask again in a moment.`,
          {
            retryAfter: 5,
            cause: error,
          },
        );
      } finally {
        here = false;
      }
    },
    outlook: (engine, guest) => outlooks.get(guest) ?? `waiting for ${engine}`,
  };
}

/** Its guest has what it came for. One for all: an error costs its stack trace. */
const LEFT = new Failure("client-left", "The request is over.");

/** A failure as a line or a body of JSON, for the other gateway to tell its client. */
export function failureLine({ kind, message, facts: { retryAfter } }: Failure): string {
  return JSON.stringify({ kind, message, retry_after: retryAfter });
}

function failureIn(text: string): Error {
  const told = objectOf(parseJson(text));
  return told["kind"] === undefined ? new Error("it refused") : failureOf(told);
}

function failureOf(told: ReturnType<typeof objectOf>): Failure {
  const kind = stringOf(told["kind"]) ?? "";
  const known: FailureKind = Object.hasOwn(FAILURES, kind) ? (kind as FailureKind) : "engine-starting";
  return new Failure(known, stringOf(told["message"]) ?? "", { retryAfter: numberOf(told["retry_after"]) });
}
