import type { Handle, Route } from "../gateway/exchange.ts";
import { Failure } from "../vocabulary/failure.ts";

export interface RouteTable {
  /** Who answers, and what a `/*` stood for. Throws `not-found` or `method-not-allowed`. */
  find(method: string, path: string): { readonly handle: Handle; readonly rest: string };
}

/** One look-up for an exact path, a short walk for the others. */
export function routeTable(routes: readonly Route[]): RouteTable {
  const exact = new Map<string, { handle: Handle; rest: string }>();
  const prefixes: { method: string; prefix: string; handle: Handle }[] = [];
  const methods = new Map<string, string[]>();
  for (const { method, path, handle } of routes) {
    methods.set(path, [...(methods.get(path) ?? []), method]);
    if (path.endsWith("/*")) prefixes.push({ method, prefix: path.slice(0, -1), handle });
    else exact.set(`${method} ${path}`, { handle, rest: "" });
  }
  return {
    find(method, path) {
      const bare = path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
      const found = exact.get(`${method} ${bare}`) ?? (method === "HEAD" ? exact.get(`GET ${bare}`) : undefined);
      if (found !== undefined) return found;
      for (const { method: verb, prefix, handle } of prefixes) if (verb === method && bare.startsWith(prefix)) return { handle, rest: bare.slice(prefix.length) };
      const allowed = methods.get(bare);
      if (allowed !== undefined) throw new Failure("method-not-allowed", `${bare} takes ${allowed.join(" or ")}, not ${method}.`);
      throw new Failure("not-found", `There is no ${method} ${bare} here.`);
    },
  };
}
