import type { Deployment } from "../../vocabulary/deployment.ts";
import type { DialectName } from "../../vocabulary/dialect.ts";
import type { Operation, Route } from "../../vocabulary/service.ts";

/** Operations another one can stand in for, by translation. */
const STANDS_IN: Readonly<Partial<Record<Operation, Operation>>> = { completions: "chat" };

/** How a deployment is asked for this by a client of this dialect; `undefined` when it cannot do it. */
export function routeFor(deployment: Deployment, operation: Operation, dialect: DialectName): Route | undefined {
  const other = STANDS_IN[operation];
  const own = openRoutes(deployment, operation);
  const open = own.length > 0 || other === undefined ? own : openRoutes(deployment, other);
  const speaking = (wanted: DialectName | undefined) => open.find((route) => route.dialect === wanted);
  return speaking(dialect) ?? speaking(deployment.profile.translatedTo) ?? open[0];
}

/** A model's one dialect is one of chats; embeddings have dialects of their own. */
function openRoutes({ service, profile }: Deployment, operation: Operation): readonly Route[] {
  const all = service.routes[operation] ?? [];
  return profile.dialect === undefined || operation === "embeddings" ? all : all.filter((route) => route.dialect === profile.dialect);
}
