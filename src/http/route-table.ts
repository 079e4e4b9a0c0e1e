import type { Route } from "../gateway/visit/exchange.ts";
import type { FailureFace } from "../vocabulary/dialect.ts";
import { Failure } from "../vocabulary/failure.ts";

/** A route, and what its `/*` stood for. */
export interface FoundRoute extends Pick<Route, "handle" | "face" | "keyInQuery"> {
  readonly rest: string;
}

export interface RouteTable {
  /** Who answers, and what a `/*` stood for. Throws `not-found` or `method-not-allowed`. */
  find(method: string, path: string): FoundRoute;
  /** In whose words a failure at this path is told when no route takes it: those of the nearest route at or above it. */
  face(path: string): FailureFace | undefined;
}

/** One look-up for an exact path, a short walk for the others. */
export function routeTable(routes: readonly Route[]): RouteTable {
  const exact = new Map<string, FoundRoute>();
  const prefixes: { route: Route; prefix: string }[] = [];
  const methods = new Map<string, string[]>();
  const faces = new Map<string, FailureFace>();
  for (const route of routes) {
    const { method, path, handle, face, keyInQuery } = route;
    if (face !== undefined) faces.set(path, face);
    methods.set(path, [...(methods.get(path) ?? []), method]);
    if (path.endsWith("/*")) prefixes.push({ route, prefix: path.slice(0, -1) });
    else exact.set(`${method} ${path}`, { handle, face, keyInQuery, rest: "" });
  }
  return {
    find(method, path) {
      const bare = path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
      const found = exact.get(`${method} ${bare}`) ?? (method === "HEAD" ? exact.get(`GET ${bare}`) : undefined);
      if (found !== undefined) return found;
      const around = prefixes.filter(({ prefix }) => bare.startsWith(prefix));
      const asked = method === "HEAD" ? "GET" : method;
      const within = around.find(({ route }) => route.method === asked);
      if (within !== undefined) return { ...within.route, rest: bare.slice(within.prefix.length) };
      const allowed = methods.get(bare) ?? around.map(({ route }) => route.method);
      if (allowed.length > 0) throw new Failure("method-not-allowed", `${bare} takes ${allowed.join(" or ")}, not ${method}.`);
      throw new Failure("not-found", `There is no ${method} ${bare} here.`);
    },
    face(path) {
      for (let at = path; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) {
        const face = faces.get(at);
        if (face !== undefined) return face;
      }
      return undefined;
    },
  };
}
