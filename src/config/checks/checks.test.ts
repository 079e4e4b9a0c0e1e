import { expect, test } from "bun:test";
import { PROVIDERS, profileFor, serviceFor } from "../../providers/index.ts";
import { loadConfig } from "../file/load.ts";
import { ConfigError, problemText } from "../file/problem.ts";
import { initialSnapshot } from "../snapshot/snapshot.ts";

const BOOK = { kinds: PROVIDERS, serviceFor, profileFor };

/** What is told of a config: problems that stop it, or else notices, as lines. */
function toldOf(text: string): { problems: string[]; notices: readonly string[] } {
  const kinds = PROVIDERS.map((provider) => provider.kind);
  const loaded = loadConfig({ variables: {}, kinds, readFile: () => text, exists: (path) => path === "signalbox.yaml" });
  try {
    return { problems: [], notices: initialSnapshot(loaded, BOOK).snapshot.notices };
  } catch (error) {
    if (error instanceof ConfigError) return { problems: error.problems.map(problemText), notices: [] };
    throw error;
  }
}

const HEAD = "providers: { openai: { api_key: k }, groq: { api_key: k } }\n";
/** Models that have one deployment each, at lines 3 and following. */
const models = (...lines: string[]) => `${HEAD}models:\n${lines.map((line) => `  ${line}\n`).join("")}`;
const one = (name: string, more = "") => `${name}: { deployments: [{ provider: openai, model: m }]${more === "" ? "" : `, ${more}`} }`;

const WRONG: readonly [what: string, text: string, problem: string][] = [
  ...(
    [
      ["nobody", "bee", "there is no model named bee. Add it under models, or use one of a."],
      ["itself", "a", "is the model itself. Name another one."],
      ["many", "'b*'", "b* stands for many models. Name one of them."],
    ] as const
  ).map(([whom, alias, says]): [string, string, string] => [
    `a model whose hours ${whom} takes over`,
    models(one("a", `outside_schedule: { alias: ${alias} }`)),
    `signalbox.yaml:3:82 models.a.outside_schedule.alias: ${says}`,
  ]),
  [
    "one key and several",
    "providers:\n  openai:\n    api_key: a\n    api_keys: [b]\n",
    "signalbox.yaml:4:15 providers.openai.api_keys: api_key and api_keys are both given. Put all keys in api_keys.",
  ],
  [
    "a deployment written twice",
    models("m:", "  deployments:", "    - { provider: openai, model: x, weight: 2 }", "    - { provider: openai, model: x }"),
    "signalbox.yaml:6:9 models.m.deployments[1]: is the same as deployments[0]. Remove one of them, and give the other its weight.",
  ],
  ...(["fallbacks", "context_fallbacks", "content_fallbacks"] as const).flatMap((list): [string, string, string][] => [
    [
      `${list} that lead nowhere`,
      models(one("a", `${list}: [bee]`)),
      `signalbox.yaml:3:${58 + list.length} models.a.${list}[0]: there is no model named bee. Add it under models, or use one of a.`,
    ],
    [
      `a ring of ${list}`,
      models(one("a", `${list}: [bee]`), one("b", `aliases: [bee], ${list}: [c]`), one("c", `${list}: [a]`)),
      `signalbox.yaml:3:${58 + list.length} models.a.${list}[0]: ${list} go round in a ring: a → b → c → a. Remove one of these ${list}.`,
    ],
  ]),
  [
    "a fallback to a whole wildcard",
    models(one("a", "fallbacks: ['openai/*']"), "openai/*: { deployments: [{ provider: openai, model: '*' }] }"),
    "signalbox.yaml:3:67 models.a.fallbacks[0]: openai/* stands for many models. Name one of them.",
  ],
  [
    "a ring through a wildcard",
    models(one("a", "fallbacks: [openai/b]"), "openai/*: { fallbacks: [a], deployments: [{ provider: openai, model: '*' }] }"),
    "signalbox.yaml:3:67 models.a.fallbacks[0]: fallbacks go round in a ring: a → openai/* → a. Remove one of these fallbacks.",
  ],
  [
    "a star that stands for nothing",
    models("m: { deployments: [{ provider: openai, model: 'gpt-*' }] }"),
    "signalbox.yaml:3:49 models.m.deployments[0].model: * stands for what clients write in the place of a model's *, and this model has none. Write the model's whole name.",
  ],
  ["two stars", models(one("'a/*/*'")), 'signalbox.yaml:3:12 models["a/*/*"]: has more than one *. One * stands for all that may vary.'],
  [
    "an alias of a wildcard",
    models(one("'a/*'", "aliases: [b]")),
    'signalbox.yaml:3:69 models["a/*"].aliases[0]: a name with * has no aliases, and is none. Name the model under models without *, and give it the alias.',
  ],
  [
    "a name that is none",
    models(one('"a\\nb"')),
    'signalbox.yaml:3:11 models["a\\nb"]: is no name for a model. Choose one of at most 256 characters, without line breaks and the like.',
  ],
  [
    "a key for names that no model has",
    `${models(one("gpt-4o"))}keys: [{ name: k, key: k, models: ['claude-*'] }]\n`,
    "signalbox.yaml:4:36 keys[0].models[0]: no model's name fits claude-*. Add it under models, or use one of gpt-4o.",
  ],
  [
    "a cache in a Redis that is not there",
    "cache:\n  store: redis\n",
    "signalbox.yaml:2:10 cache.store: redis needs redis.url. Set redis.url, or REDIS_URL in the environment.",
  ],
  [
    "a semantic cache without a model that embeds",
    "cache:\n  semantic: { mode: shadow }\n",
    "signalbox.yaml:2:21 cache.semantic.mode: shadow needs embedding_model. Name a model that embeds, or set mode to off.",
  ],
  [
    "a semantic cache with a model that does not exist",
    `${models(one("bge-m3"))}cache: { semantic: { mode: on, embedding_model: bge } }\n`,
    "signalbox.yaml:4:49 cache.semantic.embedding_model: there is no model named bge. Did you mean bge-m3?",
  ],
  [
    "a price that says nothing",
    models(one("m", "price: {}")),
    "signalbox.yaml:3:62 models.m.price: names no price. Write `price: free`, or what it costs, such as input: 2.5.",
  ],
  [
    "a price of a part without one of the whole",
    models(one("m", "price: { cache_read: 1 }")),
    "signalbox.yaml:3:76 models.m.price.cache_read: is a price for a part of what input is for, and that is missing. Give input as well: a price is whole, nothing is added to it.",
  ],
  [
    "tiers out of order",
    models("m:", "  deployments: [{ provider: openai, model: m, price: { input: 1, tiers: [{ over: 9, input: 2 }, { over: 9, input: 3 }] } }]"),
    "signalbox.yaml:4:107 models.m.deployments[0].price.tiers[1].over: is not more than the one before. Put the tiers in order, the longest last.",
  ],
  [
    "changes out of order",
    models(one("m", "price: { input: 1, changes: [{ from: 2027-02-01, input: 2 }, { from: 2027-01-01, input: 3 }] }")),
    "signalbox.yaml:3:124 models.m.price.changes[1].from: is not after the one before. Put the changes in the order of their days.",
  ],
  [
    "a secret that could be guessed",
    "auth:\n  jwt:\n    secret: hunter2\n",
    "signalbox.yaml:3:13 auth.jwt.secret: has only 7 bytes, and could be guessed: at least 32 are needed. Make one with `openssl rand -hex 32`.",
  ],
  [
    "a secret that is too short for its algorithm",
    `auth: { jwt: { algorithm: HS512, secret: ${"0123456789abcdef".repeat(3)} } }\n`,
    "signalbox.yaml:1:42 auth.jwt.secret: has only 48 bytes, and could be guessed: at least 64 are needed. Make one with `openssl rand -hex 64`.",
  ],
  ...[
    "your_jwt_secret_key_here_and_much_longer_than_that",
    "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
    "change-me-".repeat(4),
    "x".repeat(40),
  ].map((secret): [string, string, string] => [
    `the sample secret ${secret}`,
    `auth: { jwt: { secret: ${secret} } }\n`,
    "signalbox.yaml:1:24 auth.jwt.secret: is a sample from public documentation: anybody may know it. Make one with `openssl rand -hex 32`.",
  ]),
  [
    "a JWKS of nobody",
    "auth: { jwt: { jwks_url: 'https://id.example.com/jwks', audience: signalbox } }\n",
    "signalbox.yaml:1:26 auth.jwt.jwks_url: is given without auth.jwt.issuer. Set issuer to the iss of its tokens, or tokens of anybody it knows would be taken.",
  ],
  [
    "an identity provider that does not know us",
    "auth: { oidc: { issuer: 'https://id.example.com' } }\n",
    "signalbox.yaml:1:25 auth.oidc.issuer: is given without auth.oidc.client_id. Set client_id to what this Signalbox is called there.",
  ],
  [
    "a client of nobody",
    "auth: { oidc: { client_id: signalbox } }\n",
    "signalbox.yaml:1:28 auth.oidc.client_id: is given without auth.oidc.issuer. Set issuer, or leave it out.",
  ],
  [
    "an issuer who would be us",
    "auth: { jwt: { issuer: signalbox } }\n",
    "signalbox.yaml:1:24 auth.jwt.issuer: signalbox is who users and tokens are from that are made here. Give the other issuer a name of its own.",
  ],
  [
    "roles of no claim",
    "auth: { jwt: { roles: { map: { admins: admin } } } }\n",
    "signalbox.yaml:1:23 auth.jwt.roles: needs both claim and map. Name the claim, and what each of its values gives: { claim: groups, map: { admins: admin } }.",
  ],
];

test.each(WRONG)("%s is told with place and fix", (_what, text, problem) => {
  expect(toldOf(text).problems).toEqual([problem]);
});

const ODD: readonly [what: string, text: string, notice: string][] = [
  [
    "a rule that is never reached",
    models("m:", "  deployments: [{ provider: openai, model: m, tags: [t] }]", "  rules:", "    - { prefer: t }", "    - { when: { source: n8n }, only: t }"),
    "signalbox.yaml:7:9 models.m.rules[1]: is never reached: the rule before it always matches. Put the rule without conditions last.",
  ],
  [
    "a hedge without a second deployment",
    models(one("m", "hedge: { after: 2s }")),
    "signalbox.yaml:3:62 models.m.hedge: never happens: there is only one deployment. Add another deployment, or remove hedge.",
  ],
  [
    "a burst of nothing",
    `${models(one("m"))}limits: { per_key: { burst: 5 } }`,
    "signalbox.yaml:4:29 limits.per_key.burst: has no effect without requests_per_second. Add requests_per_second, or remove burst.",
  ],
  [
    "cheapest without prices",
    models("m:", "  strategy: cheapest", "  deployments: [{ provider: openai, model: m, price: { input: 1 } }, { provider: groq, model: m }]"),
    "signalbox.yaml:4:5 models.m: cheapest does not know what groq/m costs. Give a price there, or for the whole model.",
  ],
  [
    "a JWKS for whomever its issuer makes tokens",
    "auth: { jwt: { jwks_url: 'https://id.example.com/jwks', issuer: 'https://id.example.com' } }\n",
    "signalbox.yaml:1:26 auth.jwt.jwks_url: tokens its issuer made for other applications are accepted too. Set auth.jwt.audience to accept only those for this one.",
  ],
  [
    "an identity provider without TLS",
    "auth: { oidc: { issuer: 'http://id.example.com', client_id: signalbox } }\n",
    "signalbox.yaml:1:25 auth.oidc.issuer: is asked without TLS: whoever is on the way can be anybody here. Use https://.",
  ],
];

test.each(ODD)("%s is no reason not to start, and is told", (_what, text, notice) => {
  expect(toldOf(text)).toEqual({ problems: [], notices: [notice] });
});

const FINE: readonly [what: string, text: string][] = [
  ["small falls back to large when it fails, and large to small when that is full", models(one("a", "fallbacks: [b]"), one("b", "context_fallbacks: [a]"))],
  ["a wildcard falls back to one of its own", models("o/*: { fallbacks: [o/a, o/b], deployments: [{ provider: openai, model: '*' }] }")],
  ["a fallback that a wildcard makes", models(one("a", "fallbacks: [o/b]"), "o/*: { deployments: [{ provider: openai, model: '*' }] }")],
  ["a wildcard whose names all lead to one model", models("claude-*: { deployments: [{ provider: openai, model: gpt-4o }] }")],
  [
    "keys for patterns",
    `${models(one("gpt-4o"), "o/*: { deployments: [{ provider: openai, model: '*' }] }")}keys: [{ name: k, key: k, models: [gpt-*, 'o/*', o/x, o/gpt-*, '*'] }]\n`,
  ],
  ["a default that a wildcard makes", `${models("o/*: { deployments: [{ provider: openai, model: '*' }] }")}routing: { default_model: o/b }\n`],
  [
    "who may, as the contract writes it without any of it",
    'auth: { jwt: { secret: "${JWT_SECRET_KEY:-}", jwks_url: "", issuer: "", audience: "" }, oidc: { issuer: "", client_id: "", client_secret: "" } }\n',
  ],
  [
    "who may, with all of it",
    `auth:
  jwt: { secret: 5f0c9a1be6f24c7d8d3e1a09b7c6f5e4, jwks_url: 'https://id.example.com/jwks', issuer: 'https://id.example.com', audience: signalbox, roles: { claim: groups, map: { ops: operator } } }
  oidc: { issuer: 'http://localhost:8080/realms/team', client_id: signalbox, client_secret: s }
  new_user_balance: 0.5
`,
  ],
  ["a Redis for the cache", "redis: { url: redis://h }\ncache: { store: redis }\n"],
  [
    "cheapest with one deployment, or a price for all",
    models(
      one("a", "strategy: cheapest"),
      "b: { strategy: cheapest, price: { input: 1 }, deployments: [{ provider: openai, model: b }, { provider: groq, model: b }] }",
    ),
  ],
];

test.each(FINE)("nothing is told of it: %s", (_what, text) => {
  expect(toldOf(text)).toEqual({ problems: [], notices: [] });
});
