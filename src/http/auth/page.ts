import type { FailureFace } from "../../vocabulary/dialect.ts";

const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

/** How people at a browser are told that a login failed: a page with the sentence and a way on, and nothing that a page can be made to run. */
export const pageFace: FailureFace = {
  writeFailure(failure, requestId) {
    const { retryAfter } = failure.facts;
    return {
      status: failure.row.status,
      headers: retryAfter === undefined ? HEADERS : { ...HEADERS, "retry-after": String(Math.ceil(retryAfter)) },
      body: page(failure.message, requestId),
    };
  },
};

function page(message: string, requestId: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Login - Signalbox</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:20vh auto;padding:0 1rem;color-scheme:light dark}small{opacity:.7}</style>
<h1>You are not logged in</h1>
<p>${escaped(message)}</p>
<p><a href="/auth/oidc/login">Log in again</a></p>
<small>${escaped(requestId)}</small>
</html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
