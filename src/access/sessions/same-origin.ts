import { Failure } from "../../vocabulary/failure.ts";

/** What a page of ours asks for, or somebody who types an address. */
const OURS = new Set(["same-origin", "none"]);

/**
 * Throws `permission-denied` for a request that a page of another site makes a browser send, cookie and all. Browsers say whose page asks
 * (`Sec-Fetch-Site`, over TLS and on localhost; `Origin` with everything that changes something); other programs say neither and send no
 * cookie they were not given.
 */
export function refuseOtherSites(headers: Headers, ownOrigin: string | undefined): void {
  const site = headers.get("sec-fetch-site");
  const origin = headers.get("origin");
  if ((site === null || OURS.has(site)) && (origin === null || origin === ownOrigin || hostOf(origin) === headers.get("host"))) return;
  throw new Failure(
    "permission-denied",
    "A page of another site asked this in your name. Logins of browsers count for our own pages only; other programs send a key or a token.",
  );
}

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}
