import { mergeProfiles, type Profile } from "../vocabulary/profile.ts";
import type { Service } from "../vocabulary/service.ts";
import { anthropic } from "./anthropic.ts";
import { azure } from "./azure.ts";
import { cerebras } from "./cerebras.ts";
import { deepseek } from "./deepseek.ts";
import { gemini } from "./gemini.ts";
import { groq } from "./groq.ts";
import { llamaCpp } from "./llama-cpp.ts";
import { mistral } from "./mistral.ts";
import { ollama } from "./ollama.ts";
import { openai } from "./openai.ts";
import { openaiCompatible } from "./openai-compatible.ts";
import { openrouter } from "./openrouter.ts";
import { perplexity } from "./perplexity.ts";
import type { Provider, Whereabouts } from "./provider.ts";
import { together } from "./together.ts";
import { vllm } from "./vllm.ts";
import { xai } from "./xai.ts";

/** Every kind of service, in the order in which discovery lists them and ties are broken. */
export const PROVIDERS: readonly Provider[] = [
  openai,
  anthropic,
  gemini,
  mistral,
  groq,
  deepseek,
  openrouter,
  xai,
  cerebras,
  together,
  perplexity,
  azure,
  vllm,
  llamaCpp,
  ollama,
  openaiCompatible,
];

/** A service as an operator or the environment describes it. */
export interface ServiceRequest extends Whereabouts {
  /** Its name in the config. */
  readonly name: string;
  readonly kind: string;
  /** In the order in which they are used; absent or none where it wants none. */
  readonly keys?: readonly string[];
  /** Sent with every call, over the kind's own. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether it runs on the operator's own machines, in their word; absent: as its kind and address tell. */
  readonly local?: boolean;
}

/** Anything shorter is found in ordinary words. */
const SHORTEST_SECRET = 8;

function providerOf(kind: string): Provider | undefined {
  return PROVIDERS.find((provider) => provider.kind === kind);
}

/** The quirks of a model at a kind of service: the service's, its families', the operator's. An unknown kind is plain OpenAI-compatible. */
export function profileFor(kind: string, model: string, override: Partial<Profile> = {}): Profile {
  const provider = providerOf(kind) ?? openaiCompatible;
  const families = provider.families.filter((family) => family.match.test(model)).map((family) => family.profile);
  const merged = mergeProfiles(provider.profile, ...families, override);
  return { ...merged, drop: [...new Set(merged.drop)] };
}

/** A service ready to be called, or a sentence saying what it lacks. */
export function serviceFor(request: ServiceRequest): Service | string {
  const { keys = [] } = request;
  const provider = providerOf(request.kind) ?? openaiCompatible;
  if (provider.keyRequired && keys.length === 0) return `${provider.title} needs a key.`;
  const given = request.baseUrl === undefined ? undefined : tidyBaseUrl(provider, request.baseUrl);
  const located = provider.locate?.({ ...request, baseUrl: given });
  const baseUrl = located === undefined ? (given ?? provider.baseUrl ?? provider.probeUrl) : located.baseUrl;
  if (baseUrl === undefined) return `${provider.title} needs a base URL.`;
  return {
    name: request.name,
    kind: provider.kind,
    baseUrl,
    keys: keysOf(provider, request),
    secrets: [...keys, ...Object.values(request.headers ?? {})].filter((value) => value.length >= SHORTEST_SECRET),
    routes: located?.routes ?? provider.routes,
    local: request.local ?? isOwn(provider, baseUrl),
    check: checkOf(provider, baseUrl),
  };
}

/** Addresses that only the operator's own network knows, and names without a dot. */
const OWN_HOST =
  /^(localhost|127\.[\d.]+|10\.[\d.]+|192\.168\.[\d.]+|172\.(1[6-9]|2\d|3[01])\.[\d.]+|\[(::1|f[cd][\da-f:]+)\]|[^.[]+|.+\.(local|lan|internal))$/i;

function isOwn({ isOwnAt }: Provider, baseUrl: string): boolean {
  if (!URL.canParse(baseUrl)) return false;
  const { hostname } = new URL(baseUrl);
  return OWN_HOST.test(hostname) || (isOwnAt?.(hostname) ?? false);
}

function checkOf({ health, listing, selfHosted = false }: Provider, baseUrl: string): Service["check"] {
  if (!URL.canParse(baseUrl)) return undefined;
  const own = selfHosted || OWN_HOST.test(new URL(baseUrl).hostname);
  if (health !== undefined) return { url: new URL(health, `${baseUrl}/`).href, own };
  return listing === undefined ? undefined : { url: baseUrl + listing.path, own };
}

function keysOf(provider: Provider, { keys = [], headers }: ServiceRequest): Service["keys"] {
  const withKey = (key: string, index: number) => ({
    name: keys.length === 1 ? "" : `key ${index + 1}`,
    headers: { ...provider.headers, ...provider.authorize(key), ...headers },
  });
  const [first, ...rest] = keys.map(withKey);
  return first === undefined ? [{ name: "", headers: { ...provider.headers, ...headers } }] : [first, ...rest];
}

/** People write base URLs with and without a slash, a version or a route's beginning; the routes expect exactly one form. */
function tidyBaseUrl(provider: Provider, url: string): string {
  let tidy = url.trim().replace(/\/+$/, "");
  for (const ending of provider.strip ?? []) if (tidy.endsWith(ending)) tidy = tidy.slice(0, -ending.length);
  const path = tidy.replace(/^[a-z]+:\/\/[^/]*/i, "");
  const { version } = provider;
  const lacks = version?.when === "bare" ? path === "" : !/\/v\d\w*(\/|$)/.test(path);
  return version !== undefined && lacks ? tidy + version.path : tidy;
}
