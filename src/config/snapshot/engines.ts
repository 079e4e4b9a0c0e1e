import type { Model } from "../../vocabulary/model.ts";
import type { Operation, Service } from "../../vocabulary/service.ts";
import { suggestion } from "../checks/names.ts";
import type { Path, Tell } from "../file/problem.ts";
import type { ProviderBook } from "../provider-book.ts";
import type { EngineSettings, FleetSettings, Settings } from "../schema/schema.ts";
import { engineDeployment } from "./deployments.ts";

/** An engine as something to call. Where it is, is known once it runs: until then its address is its name. */
export interface EngineService {
  readonly name: string;
  readonly settings: EngineSettings;
  readonly service: Service;
}

/** What an engine can be asked for, by its task. */
const OPERATIONS: Readonly<Record<EngineSettings["task"], readonly Operation[]>> = {
  chat: ["chat", "completions", "count-tokens"],
  embed: ["embeddings"],
  rerank: ["rerank"],
};

/** The engines of the config, by name. Tells of kinds that are none. */
export function engineServices({ fleet, providers }: Settings, book: ProviderBook, tell: Tell): Map<string, EngineService> {
  const services = new Map<string, EngineService>();
  for (const [name, settings] of Object.entries(fleet.engines)) {
    const path = ["fleet", "engines", name];
    if (!/^[\w.-]{1,40}$/.test(name)) tell(path, "is no name for an engine.", "Use letters, digits, dots, dashes and underscores, 40 at most.");
    if (Object.hasOwn(providers, name)) tell(path, `${name} is already a provider.`, "Names of engines and providers must differ.");
    checkPlace(path, settings, fleet, tell);
    const { kind = "vllm", task } = settings;
    const facts = book.kinds.find((one) => one.kind === kind);
    const service = facts && book.serviceFor({ name, kind, baseUrl: settings.url ?? `http://${name.toLowerCase().replaceAll("_", "-")}.engine`, local: true });
    if (service === undefined || typeof service === "string") {
      tell([...path, "kind"], `${kind} is no kind of engine.`, "Use vllm, llama.cpp or openai-compatible.");
      continue;
    }
    const routes = Object.fromEntries(Object.entries(service.routes).filter(([operation]) => OPERATIONS[task].includes(operation as Operation)));
    // Who looks at engines is the fleet, which knows where they are.
    services.set(name, { name, settings, service: { ...service, routes, check: undefined } });
  }
  return services;
}

/** All its GPUs are one machine's, and the machine is one there is. */
function checkPlace(path: Path, { node, gpus }: EngineSettings, { nodes }: FleetSettings, tell: Tell): void {
  const machines = new Set(gpus.map((gpu) => (gpu.includes("/") ? gpu.slice(0, gpu.indexOf("/")) : "")));
  if (node !== undefined) machines.add(node);
  if (machines.size > 1) tell([...path, "gpus"], "are those of several machines.", "Choose GPUs of one machine.");
  for (const machine of machines) {
    if (machine === "" || nodes.some(({ name }) => name === machine)) continue;
    const known = nodes.map(({ name }) => name);
    tell([...path, node === machine ? "node" : "gpus"], `there is no node named ${machine}.`, suggestion(machine, known, "fleet.nodes"));
  }
}

/** The engines no model names, each a model by what it loads; those that load the same are one. Names that are taken are left alone. */
export function engineModels(
  engines: ReadonlyMap<string, EngineService>,
  settings: Settings,
  book: ProviderBook,
  taken: (name: string) => boolean,
): Map<string, Model> {
  const used = new Set(Object.values(settings.models).flatMap(({ deployments }) => deployments.map(({ engine }) => engine)));
  const models = new Map<string, Model>();
  for (const engine of engines.values()) {
    const { model: name } = engine.settings;
    if (used.has(engine.name) || taken(name)) continue;
    const known = models.get(name);
    models.set(name, {
      name,
      deployments: [...(known?.deployments ?? []), engineDeployment(engine, settings, book)],
      aliases: [],
      fallbacks: [],
      contextFallbacks: [],
      contentFallbacks: [],
      ownedBy: known?.ownedBy ?? engine.name,
      listed: true,
      strategy: settings.routing.strategy,
      rules: [],
    });
  }
  return models;
}
