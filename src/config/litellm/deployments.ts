import { ABILITIES, type Ability } from "../../vocabulary/deployment.ts";
import type { Path, Tell } from "../file/problem.ts";
import { isRecord } from "../file/tree.ts";
import type { KindFacts } from "../provider-book.ts";
import { asCount, asDuration, asFlag, asNumber, asPerMillion, asText, asWords, Carried, type Fields, NOT_CARRIED } from "./fields.ts";
import { compatible, type Place, type ProviderList, placeOf } from "./places.ts";

/** What entries of a model list are read with. */
export interface Workshop {
  readonly kinds: readonly KindFacts[];
  readonly providers: ProviderList;
  /** Keys and addresses that entries name instead of giving them. */
  readonly credentials: ReadonlyMap<string, Fields>;
  /** What the file itself puts into the environment, and where. */
  variable(name: string): Carried | undefined;
  /** Is it by weight that LiteLLM chooses among deployments? */
  readonly shuffles: boolean;
  readonly tell: Tell;
}

/** One place for a model: fields of ours. */
export interface Deployment {
  readonly from: Path;
  readonly fields: Record<string, Carried | undefined>;
}

/** An entry of the model list as deployments: one, or one for each of its organizations. None when it cannot be carried over, which is told. */
export function deploymentsOf(entry: Fields, shop: Workshop): Deployment[] {
  const params = entry.section("litellm_params");
  const info = entry.section("model_info");
  const model = params.text("model");
  if (model === undefined) {
    shop.tell(entry.path, NOT_CARRIED, "It has no litellm_params.model.");
    return [];
  }
  const access = accessOf(params, shop);
  const found = placeOf({ model, given: params.text("custom_llm_provider"), hasAddress: access.address !== undefined }, shop.kinds);
  if (typeof found === "string") {
    shop.tell([...params.path, "model"], `is not carried over: ${found}`, "Write it by hand, under providers and models.");
    return [];
  }
  const place = compatible(found, typeof access.address?.value === "string" ? access.address.value : undefined, shop.kinds);
  const common = {
    model: new Carried(place.model, [...params.path, "model"]),
    ...measures(params),
    price: priceOf(params, info, shop.tell),
    ...facts(params, info),
  };
  tellLeft(params, info);
  const organizations = params.carry("organization", asWords)?.value as readonly string[] | undefined;
  return (organizations ?? [undefined]).map((organization) => {
    const provider = shop.providers.nameFor(place, providerFields(place, access, organization, shop), params.path);
    return { from: entry.path, fields: { provider: new Carried(provider, [...params.path, "model"]), ...common } };
  });
}

interface Access {
  readonly key: Carried | undefined;
  readonly address: Carried | undefined;
  readonly version: Carried | undefined;
  readonly headers: Carried | undefined;
  readonly path: Path;
}

function accessOf(params: Fields, { credentials, tell }: Workshop): Access {
  const named = params.text("litellm_credential_name");
  const credential = named === undefined ? undefined : credentials.get(named);
  if (named !== undefined && credential === undefined)
    tell([...params.path, "litellm_credential_name"], `there is no credential named ${named}.`, "It is looked for under credential_list.");
  const either = (names: string | readonly string[]) => params.carry(names, asText) ?? credential?.carry(names, asText);
  const headers = params.carry(["extra_headers", "headers"], (value) =>
    isRecord(value) && Object.values(value).every((text) => typeof text === "string" && text !== "") ? value : undefined,
  );
  return { key: either("api_key"), address: either(["api_base", "base_url"]), version: either("api_version"), headers, path: params.path };
}

/** An interface of Azure that has no deployments in its paths. */
const NEWER_AZURE = /^(v1|preview|latest)$/;

function providerFields(place: Place, access: Access, organization: string | undefined, shop: Workshop): Record<string, Carried | undefined> {
  const facts = shop.kinds.find(({ kind }) => kind === place.kind);
  const fromFile = (names: readonly string[] | undefined) => names?.map((name) => shop.variable(name)).find((found) => found !== undefined);
  const address = access.address ?? fromFile(facts?.baseUrlVariables);
  const headers = {
    ...(access.headers?.value as Readonly<Record<string, string>> | undefined),
    ...(organization === undefined ? {} : { "OpenAI-Organization": organization }),
  };
  const fields = {
    api_key: access.key ?? fromFile(facts?.keyVariables),
    base_url: address,
    headers: Object.keys(headers).length === 0 ? undefined : new Carried(headers, access.headers?.from ?? access.path),
  };
  const azure = facts?.baseUrl === undefined && facts?.litellm?.names.includes("azure") === true;
  if (!azure) return fields;
  const text = String(address?.value ?? "");
  const version = access.version ?? shop.variable("AZURE_API_VERSION");
  const older = !NEWER_AZURE.test(String(version?.value ?? "")) && !/\/openai\/v1\/?$/.test(text);
  return {
    ...fields,
    base_url: address && new Carried(text.replace(/\/openai(\/.*)?$/, ""), address.from),
    api_version: older ? version : undefined,
    deployment_paths: older ? new Carried(true, access.path) : undefined,
  };
}

/** How much it is given, and when. */
function measures(params: Fields): Record<string, Carried | undefined> {
  return {
    weight: params.carry("weight", asNumber),
    priority: params.carry("order", asCount),
    tags: params.carry("tags", asWords),
    max_concurrent: params.carry("max_parallel_requests", asCount),
    requests_per_minute: params.carry("rpm", asCount),
    tokens_per_minute: params.carry("tpm", asCount),
  };
}

const PRICES: readonly (readonly [theirs: string, ours: string, perToken: boolean])[] = [
  ["input_cost_per_token", "input", true],
  ["output_cost_per_token", "output", true],
  ["cache_read_input_token_cost", "cache_read", true],
  ["cache_creation_input_token_cost", "cache_write", true],
  ["input_cost_per_request", "per_request", false],
];

/** LiteLLM adds what a config says to its own list; a price of ours is whole. */
function priceOf(params: Fields, info: Fields, tell: Tell): Carried | undefined {
  const price: Record<string, Carried> = {};
  for (const [theirs, ours, perToken] of PRICES) {
    const convert = perToken ? asPerMillion : asNumber;
    const found = params.carry(theirs, convert) ?? info.carry(theirs, convert);
    if (found !== undefined) price[ours] = found;
  }
  for (const part of [price["cache_read"], price["cache_write"]]) {
    if (part === undefined || price["input"] !== undefined) continue;
    tell(part.from, NOT_CARRIED, "It adds to LiteLLM's own prices: write the whole price, with input_cost_per_token.");
    return undefined;
  }
  const [first] = Object.values(price);
  return first && new Carried(price, first.from);
}

const SUPPORTS: Readonly<Record<string, Ability>> = {
  supports_function_calling: "tools",
  supports_vision: "images",
  supports_audio_input: "audio",
  supports_pdf_input: "files",
  supports_response_schema: "json_schema",
  supports_reasoning: "thinking",
};

/** What the model can do, and its quirks. */
function facts(params: Fields, info: Fields): Record<string, Carried | undefined> {
  const cannot = Object.entries(SUPPORTS).flatMap(([theirs, ability]) => (info.carry(theirs, asFlag)?.value === false ? ability : []));
  const total = params.carry("timeout", asDuration);
  const firstToken = params.carry("stream_timeout", asDuration);
  const deadlines = total ?? firstToken;
  const profile = {
    max_output: info.carry(["max_output_tokens", "max_tokens"], asCount),
    drop: params.carry("additional_drop_params", asWords),
    deadlines: deadlines && new Carried({ total, first_token: firstToken }, deadlines.from),
  };
  const told = profile.max_output ?? profile.drop ?? profile.deadlines;
  return {
    context_window: info.carry("max_input_tokens", asCount),
    // What is only said to be able may be able to do more: all is asked of it. What it cannot do is said.
    abilities:
      cannot.length === 0
        ? undefined
        : new Carried(
            ABILITIES.filter((ability) => !cannot.includes(ability)),
            info.path,
          ),
    profile: told && new Carried(profile, told.from),
  };
}

const CLIENTS_SAY = "Clients say it in their requests.";
const WHY: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      "temperature",
      "top_p",
      "max_tokens",
      "max_completion_tokens",
      "seed",
      "stop",
      "presence_penalty",
      "frequency_penalty",
      "reasoning_effort",
      "thinking",
    ].map((name) => [name, CLIENTS_SAY]),
  ),
  mock_response: "The demo (--demo) answers without a provider.",
  max_retries: "routing.attempts counts for all.",
  num_retries: "routing.attempts counts for all.",
  cooldown_time: "routing.breaker counts for all.",
  azure_ad_token: "Azure is called with a key.",
};

function tellLeft(params: Fields, info: Fields): void {
  params.skip("organization");
  params.tellRest(WHY);
  info.remark("base_model", "is not needed.", "Prices and abilities are those of the deployment.");
  info.skip("id", "mode", "description");
  info.tellRest();
}
