import { Cancellation } from "../vocabulary/cancellation.ts";
import { Failure } from "../vocabulary/failure.ts";
import type { UpstreamClient } from "./client.ts";

/** Asks an address with GET, without following redirects. Rejects when nothing answers within the deadline, in milliseconds. */
export type Probe = (url: string, headers: Readonly<Record<string, string>>, deadline: number) => Promise<{ status: number; text: string }>;

/** The probe over a client, so that what it finds can really be reached the same way. */
export function probeOver(client: UpstreamClient): Probe {
  return async (url, headers, deadline) => {
    const cancellation = new Cancellation();
    const late = new Failure("upstream-timeout", `Nothing answered within ${deadline} ms.`);
    const timer = setTimeout(() => cancellation.cancel(late), deadline);
    try {
      const reply = await client.send({ url, headers, cancellation, connectWithin: deadline });
      return { status: reply.status, text: await reply.text() };
    } finally {
      clearTimeout(timer);
    }
  };
}
