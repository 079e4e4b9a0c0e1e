import { DEMO_MODELS } from "./models.ts";
import { createSimulatedProvider, type DemoProvider } from "./provider.ts";

/** What a simulated engine is like. */
export interface DemoEngine {
  /** What its clients call its model, and the name of its start. */
  readonly names: readonly string[];
  readonly task: "chat" | "embed" | "rerank";
  loaded(): boolean;
}

/** Speaks as an engine does: not well until it has loaded, and then as the simulated model for its task. Never rejects. */
export function simulatedEngine({ names, task, loaded }: DemoEngine): DemoProvider {
  const models = DEMO_MODELS.filter(({ id }) => id === `demo-${task}`).flatMap((model) => names.map((id) => ({ ...model, id })));
  const answers = createSimulatedProvider(Date.now, { all: models, find: (name) => models.find(({ id }) => id === name) });
  return async (request) => {
    const { pathname } = new URL(request.url);
    return pathname === "/health" || !loaded() ? new Response(null, { status: loaded() ? 200 : 503 }) : answers(request);
  };
}
