import type { KindFacts } from "../provider-book.ts";
import { Carried } from "./fields.ts";

/** Where LiteLLM would send a model: the kind of provider, and the model as that calls it. */
export interface Place {
  readonly kind: string;
  /** What the provider is called here, unless that name is taken. */
  readonly name: string;
  readonly model: string;
}

const COMPATIBLE = "openai-compatible";

/** Words of LiteLLM that stand for services with an interface of their own, for which there is no kind here. */
const OWN_FORM: ReadonlySet<string> = new Set(
  (
    "aleph_alpha azure_text bedrock bedrock_converse bedrock_mantle clarifai cloudflare cohere cohere_chat gigachat langgraph nlp_cloud oci " +
    "oobabooga palm petals predibase replicate sagemaker sagemaker_chat snowflake triton vertex_ai vertex_ai_beta watsonx watsonx_text"
  ).split(" "),
);

/** Words of LiteLLM that stand for services which speak as OpenAI does, at the address an entry gives. */
const SPEAKS_OPENAI: ReadonlySet<string> = new Set(
  (
    "ai21 ai21_chat aiml anyscale azure_ai baseten chutes codestral compactifai custom_openai dashscope databricks datarobot deepinfra " +
    "docker_model_runner empower featherless_ai fireworks_ai friendliai galadriel github github_copilot gradient_ai heroku huggingface hyperbolic " +
    "infinity inception jina_ai lambda_ai lemonade litellm_proxy llamafile llamagate lm_studio maritalk meta_llama minimax moonshot morph nebius novita " +
    "nscale nvidia_nim openai_like ovhcloud publicai sambanova synthetic v0 vercel_ai_gateway volcengine voyage wandb xinference zai"
  ).split(" "),
);

/** Reads `together_ai/model`, or a sentence saying why it cannot be carried over. */
export function placeOf(
  { model, given, hasAddress }: { readonly model: string; readonly given: string | undefined; readonly hasAddress: boolean },
  kinds: readonly KindFacts[],
): Place | string {
  const [first = "", ...others] = model.split("/");
  const prefixed = others.length > 0 && (isWord(first, kinds) || first === given);
  const word = given ?? (prefixed ? first : undefined);
  const rest = prefixed && first === word ? others.join("/") : model;
  if (word === undefined) return unprefixed(model, hasAddress, kinds);
  if (OWN_FORM.has(word)) return `there is no provider for ${word} here.`;
  const kind = kinds.find((each) => each.litellm?.names.includes(word))?.kind;
  if (kind !== undefined) return { kind, name: kind, model: rest };
  return hasAddress ? { kind: COMPATIBLE, name: word, model: rest } : `there is no provider for ${word} here, and the entry has no api_base.`;
}

function isWord(word: string, kinds: readonly KindFacts[]): boolean {
  return OWN_FORM.has(word) || SPEAKS_OPENAI.has(word) || kinds.some((kind) => kind.litellm?.names.includes(word));
}

function unprefixed(model: string, hasAddress: boolean, kinds: readonly KindFacts[]): Place | string {
  const kind = kinds.find((each) => each.litellm?.bare?.test(model))?.kind;
  if (kind !== undefined) return { kind, name: kind, model };
  if (hasAddress) return { kind: COMPATIBLE, name: COMPATIBLE, model };
  return model === "*" ? "a model that is * alone names no provider." : `${model} does not say whose model it is.`;
}

/** A service under LiteLLM's own word for OpenAI, at another address than OpenAI's, is one that speaks alike. */
export function compatible(place: Place, address: string | undefined, kinds: readonly KindFacts[]): Place {
  const own = kinds.find((kind) => kind.kind === place.kind)?.baseUrl;
  const elsewhere = address !== undefined && own !== undefined && hostOf(address) !== hostOf(own);
  return elsewhere && kinds.find((kind) => kind.litellm?.names.includes("openai"))?.kind === place.kind
    ? { ...place, kind: COMPATIBLE, name: COMPATIBLE }
    : place;
}

function hostOf(address: string): string {
  return /^[a-z]+:\/\/([^/]+)/i.exec(address)?.[1] ?? address;
}

/** The providers that entries of a model list need, each once: entries with the same key at the same address share one. */
export class ProviderList {
  private readonly found = new Map<string, { readonly name: string; readonly carried: Carried }>();

  /** The name of the provider with these fields. */
  nameFor(place: Place, fields: Readonly<Record<string, Carried | undefined>>, from: Carried["from"]): string {
    const given = Object.entries(fields).filter(([, value]) => value !== undefined);
    const key = JSON.stringify([place.kind, place.name, given.map(([name, value]) => [name, value?.value])]);
    const known = this.found.get(key);
    if (known !== undefined) return known.name;
    const taken = [...this.found.values()].map(({ name }) => name);
    let name = place.name;
    for (let number = 2; taken.includes(name); number++) name = `${place.name}-${number}`;
    const kind = name === place.kind ? {} : { kind: new Carried(place.kind, from) };
    this.found.set(key, { name, carried: new Carried({ ...kind, ...Object.fromEntries(given) }, from) });
    return name;
  }

  all(): Record<string, Carried> {
    return Object.fromEntries([...this.found.values()].map(({ name, carried }) => [name, carried]));
  }
}
