/** What the HTTP edge itself decides: which origins a browser may call from, and which host names are ours. */
export interface EdgeRules {
  /** Origins allowed by CORS; `*` allows all. */
  readonly corsOrigins: readonly string[];
  /** Host names answered to; empty: all. */
  readonly allowedHosts: readonly string[];
}

/** What a page's own scripts may read of an answer's headers. */
const EXPOSED = [
  "x-request-id",
  ...["model", "deployment", "attempts", "cache", "cost", "warnings"].map((name) => `x-signalbox-${name}`),
  ...["requests", "tokens"].flatMap((what) =>
    ["limit", "remaining", "reset"].flatMap((fact) => [`x-ratelimit-${fact}-${what}`, `anthropic-ratelimit-${what}-${fact}`]),
  ),
  "age",
  "retry-after",
  "retry-after-ms",
].join(", ");

/** Adds CORS headers to an answer when its origin is an allowed one. */
export function addCorsHeaders(answer: Record<string, string>, request: Headers, rules: EdgeRules): void {
  if (rules.corsOrigins.length > 0) Object.assign(answer, corsHeaders(request.get("origin"), rules));
}

function corsHeaders(origin: string | null, rules: EdgeRules): Record<string, string> {
  if (origin === null) return {};
  const all = rules.corsOrigins.includes("*");
  if (!all && !rules.corsOrigins.includes(origin)) return {};
  return {
    "access-control-allow-origin": all ? "*" : origin,
    "access-control-expose-headers": EXPOSED,
    vary: "origin",
  };
}

/** The answer to a preflight request. */
export function preflight(request: Request, rules: EdgeRules): Response {
  const allowed = corsHeaders(request.headers.get("origin"), rules);
  if (Object.keys(allowed).length === 0) return new Response(null, { status: 403 });
  return new Response(null, {
    status: 204,
    headers: {
      ...allowed,
      "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE, OPTIONS",
      "access-control-allow-headers": request.headers.get("access-control-request-headers") ?? "authorization, content-type",
      "access-control-max-age": "600",
    },
  });
}

/** Is this request meant for us? Guards against DNS rebinding when host names are configured. */
export function hostAllowed(request: Headers, rules: EdgeRules): boolean {
  if (rules.allowedHosts.length === 0) return true;
  const name = (request.get("host") ?? "").replace(/:\d+$/, "").toLowerCase();
  return rules.allowedHosts.some((allowed) => allowed.toLowerCase() === name);
}
