import type { DialectName } from "../../vocabulary/dialect.ts";
import type { Omission } from "./canonical.ts";

/** A field that two requests may differ in and still ask the same. A path: `messages.content` is a field of each message. */
interface LeftOut {
  readonly field: string;
  readonly why: string;
}

const NAMED: LeftOut = { field: "model", why: "the key holds its public name, whatever it was called" };
const FORM: readonly LeftOut[] = [
  { field: "stream", why: "the form of the answer; each client gets its own" },
  { field: "stream_options", why: "likewise" },
];
const BOOKS: readonly LeftOut[] = [
  { field: "user", why: "who asks, in the words of who asks; the key holds whom we know" },
  { field: "safety_identifier", why: "likewise" },
  { field: "metadata", why: "the client's own notes; no model sees them" },
  { field: "store", why: "whether the provider keeps a copy" },
  { field: "prompt_cache_key", why: "what the prompt costs" },
  { field: "prompt_cache_retention", why: "likewise" },
  { field: "service_tier", why: "how fast it is answered and for how much" },
];
const RESIDENCE: LeftOut = { field: "keep_alive", why: "how long a model stays loaded" };
/** Marks of where a prompt's prefix ends change what it costs. Only where they are marks: a tool's own argument may be called so. */
const MARKS: readonly LeftOut[] = ["", "system.", "messages.", "messages.content.", "messages.content.content.", "tools.", "tools.function."].map((place) => ({
  field: `${place}cache_control`,
  why: "what the prompt costs",
}));

/** All that is left out, by dialect. Whatever is not here counts, known to us or not. */
const LEFT_OUT: Readonly<Partial<Record<DialectName, readonly LeftOut[]>>> = {
  "openai-chat": [NAMED, ...FORM, ...BOOKS, ...MARKS],
  "openai-responses": [NAMED, ...FORM, ...BOOKS],
  "openai-completions": [NAMED, ...FORM, ...BOOKS],
  "openai-embeddings": [NAMED, { field: "user", why: "who asks, in the words of who asks; the key holds whom we know" }],
  "anthropic-messages": [NAMED, ...FORM.slice(0, 1), ...BOOKS.filter(({ field }) => ["metadata", "service_tier"].includes(field)), ...MARKS],
  ollama: [NAMED, ...FORM.slice(0, 1), RESIDENCE],
  "ollama-generate": [NAMED, ...FORM.slice(0, 1), RESIDENCE],
  "ollama-embeddings": [NAMED, RESIDENCE],
};

const OMISSIONS: ReadonlyMap<string, Omission> = new Map(
  Object.entries(LEFT_OUT).map(([dialect, fields]) => [dialect, omissionOf(fields.map(({ field }) => field))]),
);
const NOTHING: Omission = {};

/** What requests of this dialect may differ in. */
export function leftOutOf(dialect: DialectName): Omission {
  return OMISSIONS.get(dialect) ?? NOTHING;
}

function omissionOf(fields: readonly string[]): Omission {
  const tree: Record<string, true | Record<string, unknown>> = {};
  for (const field of fields) {
    const steps = field.split(".");
    const last = steps.pop() ?? "";
    let branch: Record<string, unknown> = tree;
    for (const step of steps) branch = (branch[step] ??= {}) as Record<string, unknown>;
    branch[last] = true;
  }
  return tree as Omission;
}
