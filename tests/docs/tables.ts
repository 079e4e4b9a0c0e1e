import { PROVIDERS } from "../../src/providers/index.ts";
import { FAILURES, type Remedy } from "../../src/vocabulary/failure.ts";
import type { RelayOperation } from "../../src/vocabulary/service.ts";

/** The table of `docs/providers.md`, from the providers themselves. */
export function providerTable(): string {
  const rows = PROVIDERS.map((provider) => {
    const dialects = Object.values(provider.routes).flatMap((routes) => routes.map((route) => route.dialect));
    const key = provider.keyVariables.map((name) => `\`${name}\``).join(", ") || "in the config";
    const base = provider.baseUrlVariables.map((name) => `\`${name}\``).join(", ") || "in the config";
    return `| \`${provider.kind}\` | ${provider.title} | ${key} | ${base} | ${[...new Set(dialects)].join(", ")} |`;
  });
  return ["| kind | service | key | base URL | speaks |", "|---|---|---|---|---|", ...rows].join("\n");
}

const RELAYED: readonly RelayOperation[] = ["rerank", "moderations", "images", "image-edits", "transcriptions", "translations", "speech"];

/** The table of `docs/other-operations.md`: who can do what of the operations that are passed on. */
export function relayTable(): string {
  const rows = PROVIDERS.flatMap(({ kind, routes }) => {
    const done = RELAYED.map((operation) => routes[operation] !== undefined);
    return done.includes(true) ? [`| \`${kind}\` | ${done.map((can) => (can ? "yes" : "")).join(" | ")} |`] : [];
  });
  return [`| kind | ${RELAYED.map((name) => name.replace("-", " ")).join(" | ")} |`, `|---${"|---".repeat(RELAYED.length)}|`, ...rows].join("\n");
}

const REMEDIES: Readonly<Record<Remedy, string>> = {
  none: "nothing",
  elsewhere: "another deployment",
  again: "another deployment, else the same after a wait",
  "another-key": "another key, another deployment, else the same once it may be asked again",
  "larger-window": "deployments with a larger window, then `context_fallbacks`",
  "other-model": "`content_fallbacks`",
};

/** The table of `docs/failures.md`, from the one table of failures. */
export function failureTable(): string {
  const rows = Object.entries(FAILURES).map(
    ([kind, row]) => `| ${kind} | ${row.status} | \`${row.type}\` | \`${row.code}\` | ${REMEDIES[row.remedy]} | ${row.retry ? "yes" : "no"} |`,
  );
  return ["| kind | status | type | code | what is tried before the client hears of it | a retry may help |", "|---|---|---|---|---|---|", ...rows].join("\n");
}

/** The table of `docs/failover.md`: who is asked next after which failures. */
export function remedyTable(): string {
  const kinds = Map.groupBy(Object.entries(FAILURES), ([, row]) => row.remedy);
  const rows = Object.entries(REMEDIES).map(([remedy, words]) => {
    const after = (kinds.get(remedy as Remedy) ?? []).map(([kind]) => kind).join(", ");
    return `| ${after} | ${words} |`;
  });
  return ["| after | is tried |", "|---|---|", ...rows].join("\n");
}
