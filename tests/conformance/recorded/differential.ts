import { isObject, type Json, type JsonObject, listOf, objectOf, parseJson, stringOf } from "../../../src/vocabulary/json.ts";

/** The chunks of a stream, as JSON. */
export function chunksOf(sse: string): JsonObject[] {
  const lines = sse.split("\n").filter((line) => line.startsWith("data: ") && line !== "data: [DONE]");
  return lines.map((line) => objectOf(parseJson(line.slice(6))));
}

/** What a client is told in the end, whole or in pieces; the last usage counts. Ids of calls the upstream gave none are each gateway's own. */
export function answerOf(bodies: readonly JsonObject[], part: "message" | "delta", ids: "same ids" | "own ids"): Json {
  const choices: Record<string, { role: Json; text: string; reasoning: string; finish: Json; calls: Record<string, JsonObject & { arguments: string }> }> = {};
  let usage: JsonObject = {};
  for (const body of bodies) {
    if (isObject(body["usage"])) usage = body["usage"];
    for (const value of listOf(body["choices"]).map(objectOf)) {
      const choice = (choices[String(value["index"])] ??= { role: null, text: "", reasoning: "", finish: null, calls: {} });
      const said = objectOf(value[part]);
      choice.role ??= said["role"] ?? null;
      choice.text += stringOf(said["content"]) ?? "";
      const reasoning = said["reasoning"];
      choice.reasoning += Array.isArray(reasoning)
        ? reasoning.map((piece) => stringOf(objectOf(piece)["content"]) ?? "").join("")
        : (stringOf(reasoning) ?? "");
      choice.finish = value["finish_reason"] ?? choice.finish;
      for (const [index, each] of listOf(said["tool_calls"]).map(objectOf).entries()) {
        const called = objectOf(each["function"]);
        const made = (choice.calls[String(each["index"] ?? index)] ??= { id: ids === "same ids" ? each["id"] : null, name: called["name"], arguments: "" });
        made.arguments += stringOf(called["arguments"]) ?? "";
      }
    }
  }
  const details = (name: string, count: string) => objectOf(usage[name])[count] ?? 0;
  return {
    model: bodies[0]?.["model"] ?? null,
    choices: choices as unknown as JsonObject,
    usage: {
      prompt: usage["prompt_tokens"] ?? null,
      completion: usage["completion_tokens"] ?? null,
      total: usage["total_tokens"] ?? null,
      cached: details("prompt_tokens_details", "cached_tokens"),
      reasoning: details("completion_tokens_details", "reasoning_tokens"),
    },
  };
}

/** The paths where two values differ, with what stands there. */
export function differences(ours: Json | undefined, theirs: Json | undefined, path = ""): string[] {
  if (JSON.stringify(ours) === JSON.stringify(theirs)) return [];
  if (Array.isArray(ours) && Array.isArray(theirs))
    return Array.from({ length: Math.max(ours.length, theirs.length) }, (_, index) => differences(ours[index], theirs[index], `${path}[${index}]`)).flat();
  if (isObject(ours) && isObject(theirs))
    return [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].flatMap((name) =>
      differences(ours[name], theirs[name], path === "" ? name : `${path}.${name}`),
    );
  return [`${path}: ours ${JSON.stringify(ours)?.slice(0, 300)}, theirs ${JSON.stringify(theirs)?.slice(0, 300)}`];
}

/** A difference that was decided, and why ours stays as it is. */
export interface Decision {
  readonly kind: string;
  /** Names of cases, or `*`. */
  readonly cases: string;
  readonly path: RegExp;
  readonly why: string;
}

/** How many cases are equal, decided and open, and what is open; prints the count as a row. */
export function verdict(
  name: string,
  cases: readonly { readonly case: string; readonly kind: string; readonly found: readonly string[] }[],
  decisions: readonly Decision[],
) {
  const used = new Set<Decision>();
  const open: string[] = [];
  const count = { equal: 0, decided: 0, open: 0 };
  for (const one of cases) {
    const left = one.found.filter((difference) => {
      const by = decisions.filter(
        (row) => row.kind === one.kind && (row.cases === "*" || row.cases.split(" ").includes(one.case)) && row.path.test(difference),
      );
      for (const row of by) used.add(row);
      return by.length === 0;
    });
    open.push(...left.map((difference) => `${one.case} (${one.kind}) ${difference}`));
    count[left.length > 0 ? "open" : one.found.length > 0 ? "decided" : "equal"]++;
  }
  console.log(`${name}: ${count.equal} equal, ${count.decided} decided, ${count.open} open`);
  return { open, used };
}
