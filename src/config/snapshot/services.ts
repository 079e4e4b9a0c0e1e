import { nearestName } from "../../vocabulary/nearest-name.ts";
import type { Service } from "../../vocabulary/service.ts";
import type { LoadedConfig } from "../file/load.ts";
import type { Tell } from "../file/problem.ts";
import type { ProviderBook, ServiceRequest } from "../provider-book.ts";

/** The wanted services, ready to be called, by their names. Tells of those that lack something. */
export function readyServices(
  { loaded, book, services }: { readonly loaded: LoadedConfig; readonly book: ProviderBook; readonly services: readonly ServiceRequest[] },
  tell: Tell,
): Map<string, Service> {
  const ready = new Map<string, Service>();
  for (const wanted of services) {
    const kinds = book.kinds.map((kind) => kind.kind);
    if (!kinds.includes(wanted.kind)) {
      const near = nearestName(wanted.kind, kinds);
      tell(
        ["providers", wanted.name],
        `${wanted.name} is no kind of provider.`,
        near === undefined ? `Give it a kind: ${kinds.join(", ")}.` : `Give it a kind, such as kind: ${near}.`,
      );
      continue;
    }
    const service = book.serviceFor(wanted);
    if (typeof service !== "string") {
      ready.set(wanted.name, service);
      continue;
    }
    const facts = book.kinds.find((kind) => kind.kind === wanted.kind);
    const field = (wanted.keys ?? []).length === 0 && facts?.keyRequired ? "api_key" : "base_url";
    const variable = (field === "api_key" ? facts?.keyVariables : facts?.baseUrlVariables)?.[0];
    const fix = `Set ${field}${variable === undefined ? "" : `, or ${variable} in the environment`}.`;
    tell(["providers", wanted.name], service, loaded.origins.has("providers") ? fix : "");
  }
  return ready;
}
