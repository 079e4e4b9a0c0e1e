import { parseJson } from "../vocabulary/json.ts";
import type { Environment } from "./environment/environment.ts";
import type { KindFacts, ProviderBook, ServiceRequest } from "./provider-book.ts";
import type { Settings } from "./schema/schema.ts";

/** Asks an address with GET. Rejects when nothing answers within the deadline, in milliseconds. */
export type Probe = (url: string, headers: Readonly<Record<string, string>>, deadline: number) => Promise<{ readonly status: number; readonly text: string }>;

/** One line of the table printed at start. */
export interface DiscoveryRow {
  /** The provider's name: what stands before the `/` in `openai/gpt-4o`. */
  readonly provider: string;
  readonly title: string;
  readonly found: boolean;
  /** Where it was found, or why it was not. Holds names of variables, never their values. */
  readonly why: string;
  /** Models it offers, as it calls them. */
  readonly models: readonly string[];
  /** Are these what the provider itself lists, now or when it last answered? Else they are only well known. */
  readonly listed: boolean;
  /** Absent when there is nobody to ask. */
  readonly service?: ServiceRequest;
}

/** What the environment says of one kind: a service to ask, or why there is none. */
export type Candidate =
  | {
      readonly kind: KindFacts;
      readonly service: ServiceRequest /** Named by the operator, not merely tried. */;
      readonly meant: boolean;
      readonly source: string;
    }
  | { readonly kind: KindFacts; readonly why: string };

/** Milliseconds a provider may take to list its models at start. */
const LISTING_DEADLINE = 3000;

/** Which providers the environment speaks of. Looks at no network. */
export function candidates(environment: Environment, kinds: readonly KindFacts[]): Candidate[] {
  return kinds
    .filter((kind) => kind.keyVariables.length > 0)
    .map((kind) => {
      const keyName = kind.keyVariables.find((name) => environment.get(name) !== undefined);
      const baseName = kind.baseUrlVariables.find((name) => environment.get(name) !== undefined);
      const key = keyName === undefined ? undefined : environment.get(keyName)?.value;
      const baseUrl = baseName === undefined ? undefined : environment.get(baseName)?.value;
      if (kind.keyRequired && key === undefined) return { kind, why: absences(environment, kind.keyVariables) };
      if (kind.baseUrl === undefined && kind.probeUrl === undefined && baseUrl === undefined)
        return { kind, why: absences(environment, kind.baseUrlVariables) };
      const service = { name: kind.kind, kind: kind.kind, ...(key === undefined ? {} : { keys: [key] }), ...(baseUrl === undefined ? {} : { baseUrl }) };
      const source = [keyName, baseName].filter((name) => name !== undefined).join(", ") || `tried at ${kind.probeUrl}`;
      return { kind, service, meant: keyName !== undefined || baseName !== undefined, source };
    });
}

/** `GEMINI_API_KEY is not set (nor GOOGLE_API_KEY)`, or what is wrong with the one that is set. */
function absences(environment: Environment, names: readonly string[]): string {
  const telling = names.find((name) => environment.absence(name) !== "is not set") ?? names[0] ?? "";
  const others = names.filter((name) => name !== telling);
  const absence = environment.absence(telling);
  return `${telling} ${absence}${absence === "is not set" && others.length > 0 ? ` (nor ${others.join(", ")})` : ""}`;
}

export interface DiscoveryRequest {
  readonly environment: Environment;
  readonly book: ProviderBook;
  readonly probe: Probe;
}

/** Finds providers in the environment and the neighbourhood and asks each for its models, all at once. */
export function discover(request: DiscoveryRequest): Promise<DiscoveryRow[]> {
  return Promise.all(
    candidates(request.environment, request.book.kinds).map(async (candidate): Promise<DiscoveryRow> => {
      const { kind } = candidate;
      const row = { provider: kind.kind, title: kind.title };
      if ("why" in candidate) return { ...row, found: false, why: candidate.why, models: [], listed: false };
      const listed = await listModels(request, kind, candidate.service);
      if (!listed.usable) {
        const remark = candidate.meant ? `${candidate.source}: ${listed.remark}` : listed.remark;
        return { ...row, found: false, why: remark, models: [], listed: false, service: candidate.service };
      }
      const why = listed.remark === "" ? candidate.source : `${candidate.source}; ${listed.remark}`;
      return { ...row, found: true, why, models: listed.models, listed: listed.own, service: candidate.service };
    }),
  );
}

/** The same for providers that stand in the config but whose models do not. */
export function listConfigured(request: DiscoveryRequest & { readonly services: readonly ServiceRequest[] }): Promise<DiscoveryRow[]> {
  return Promise.all(
    request.services.map(async (service): Promise<DiscoveryRow> => {
      const kind = request.book.kinds.find((one) => one.kind === service.kind);
      if (kind === undefined) return { provider: service.name, title: service.kind, found: false, why: "no such kind of provider", models: [], listed: false };
      const listed = await listModels(request, kind, service);
      const { usable: found, models, own } = listed;
      return { provider: service.name, title: kind.title, found, why: listed.remark || "in the config", models, listed: own, service };
    }),
  );
}

/** Rows in which a provider that did not answer keeps the list it gave before, as long as it is the same place with the same key. */
export function withLastLists(rows: readonly DiscoveryRow[], last: readonly DiscoveryRow[]): DiscoveryRow[] {
  return rows.map((row) => {
    const before = row.listed ? undefined : last.find((one) => one.provider === row.provider && one.listed);
    if (before === undefined || row.service === undefined || JSON.stringify(before.service) !== JSON.stringify(row.service)) return row;
    return { ...row, found: true, why: `${row.why}; offering what it listed last`, models: before.models, listed: true };
  });
}

interface Listed {
  readonly usable: boolean;
  /** Does the provider itself say so? */
  readonly own: boolean;
  readonly models: readonly string[];
  readonly remark: string;
}

async function listModels(request: DiscoveryRequest, kind: KindFacts, wanted: ServiceRequest): Promise<Listed> {
  if (wanted.baseUrl !== undefined && !/^https?:\/\/[^\s/]/i.test(wanted.baseUrl))
    return { usable: false, own: false, models: [], remark: "the base URL does not begin with http:// or https://" };
  const service = request.book.serviceFor(wanted);
  if (typeof service === "string") return { usable: false, own: false, models: [], remark: service };
  if (kind.listing === undefined) {
    const remark = kind.knownModels.length > 0 ? "lists no models; offering its well-known ones" : "lists no models: name them under models in signalbox.yaml";
    return { usable: true, own: false, models: kind.knownModels, remark };
  }
  const url = service.baseUrl + kind.listing.path;
  const place = new URL(service.baseUrl).host;
  const answer = await request.probe(url, service.keys[0].headers, LISTING_DEADLINE).catch(() => undefined);
  if (answer?.status === 401) return { usable: false, own: false, models: [], remark: `${place} refused the key` };
  const models = answer !== undefined && answer.status >= 200 && answer.status < 300 ? kind.listing.read(parseJson(answer.text)) : undefined;
  if (models !== undefined && models.length > 0) return { usable: true, own: true, models, remark: "" };
  const said =
    answer === undefined
      ? `nothing answers at ${place}`
      : models === undefined
        ? `${place} answered ${answer.status} when asked for its models`
        : `${place} lists no models`;
  if (kind.knownModels.length > 0) return { usable: true, own: false, models: kind.knownModels, remark: `${said}; offering its well-known models` };
  return { usable: models !== undefined, own: models !== undefined, models: [], remark: said };
}

/** The services of the config's `providers`, with the kinds' usual environment variables where a key was left out. */
export function configuredServices(settings: Settings, environment: Environment, kinds: readonly KindFacts[]): ServiceRequest[] {
  return Object.entries(settings.providers).map(([name, provider]) => {
    const kind = provider.kind ?? name;
    const facts = kinds.find((one) => one.kind === kind);
    const base =
      provider.base_url === undefined ? facts?.baseUrlVariables.map((variable) => environment.get(variable)).find((found) => found !== undefined) : undefined;
    // A key from the environment belongs to the kind's own address: it is never sent to one that only the file names.
    const usual =
      provider.base_url === undefined ? facts?.keyVariables.map((variable) => environment.get(variable)).find((found) => found !== undefined) : undefined;
    return {
      name,
      kind,
      keys: provider.api_keys ?? [provider.api_key ?? usual?.value ?? []].flat(),
      baseUrl: provider.base_url ?? base?.value,
      headers: provider.headers,
      resource: provider.resource,
      apiVersion: provider.api_version,
      deploymentPaths: provider.deployment_paths,
      local: provider.local,
    };
  });
}
