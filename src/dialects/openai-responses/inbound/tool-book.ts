import { type Json, type JsonObject, listOf, objectOf, stringOf } from "../../../vocabulary/json.ts";
import { fittingId } from "../../shared/conversation/tool-ids.ts";

/** A tool the model may call, as the client lists it. */
export interface NamedTool {
  readonly kind: "function" | "custom";
  /** Its own name, and that of the namespace it is listed in. */
  readonly name: string;
  readonly namespace?: string;
  readonly json: JsonObject;
  /** Where it stands in the request: `tools[3].tools[0]`. */
  readonly path: string;
}

/** Anything else in a list of tools: hosted ones, and what is no tool at all. */
interface OtherTool {
  readonly json: JsonObject;
  readonly path: string;
}

/**
 * The tools of a request by the one name each has upstream, where there are no namespaces: a model's calls are told to the client in
 * its own words again. Reading never throws: what is wrong with a tool the reader of requests says.
 */
export interface ToolBook {
  /** In the order they were listed, by their names upstream. */
  readonly named: ReadonlyMap<string, NamedTool>;
  readonly others: readonly OtherTool[];
  /** The name upstream of a tool, listed or not. */
  nameOf(name: string, namespace?: string): string;
}

/** Other APIs take names of at most 64 characters; and of these characters, once a name is ours to make. */
const LONGEST_NAME = 64;
const FITS = /^[A-Za-z0-9_-]{1,64}$/;

/** Items of `input` that bring tools along. */
const TOOL_ITEMS = new Set<Json | undefined>(["additional_tools", "tool_search_output"]);

export function toolBook(json: JsonObject): ToolBook {
  const listed = new Map<string, NamedTool>();
  const others: OtherTool[] = [];
  readList(json["tools"], "tools", listed, others);
  listOf(json["input"]).forEach((item, index) => {
    const { type, tools } = objectOf(item);
    if (TOOL_ITEMS.has(type)) readList(tools, `input[${index}].tools`, listed, others);
  });
  const named = new Map<string, NamedTool>();
  const names = new Map<string, string>();
  // A name of its own comes before one made from a namespace's and a tool's.
  for (const inNamespace of [false, true]) {
    for (const [key, tool] of listed) {
      if ((tool.namespace !== undefined) !== inNamespace) continue;
      const name = freeName(tool, named);
      named.set(name, tool);
      names.set(key, name);
    }
  }
  return { named, others, nameOf: (name, namespace) => names.get(keyOf(name, namespace)) ?? nameUpstream({ name, namespace }) };
}

function readList(list: Json | undefined, path: string, listed: Map<string, NamedTool>, others: OtherTool[], namespace?: string): void {
  listOf(list).forEach((value, index) => {
    const json = objectOf(value);
    const at = `${path}[${index}]`;
    const name = stringOf(json["name"]) ?? "";
    const kind = json["type"];
    // Histories may bring the same tool more than once: the last word counts.
    if (kind === "function" || kind === "custom") listed.set(keyOf(name, namespace), { kind, name, namespace, json, path: at });
    else if (kind === "namespace" && namespace === undefined) readList(json["tools"], `${at}.tools`, listed, others, name);
    else others.push({ json, path: at });
  });
}

function keyOf(name: string, namespace = ""): string {
  return JSON.stringify([namespace, name]);
}

function freeName(tool: NamedTool, taken: ReadonlyMap<string, NamedTool>): string {
  let name = nameUpstream(tool);
  for (let salt = 1; taken.has(name); salt++) name = hashedName(tool, salt);
  return name;
}

/** `namespace__name`, or the name alone; shortened, and never two to one, where that is too long. */
function nameUpstream(tool: Pick<NamedTool, "name" | "namespace">): string {
  if (tool.namespace === undefined) return tool.name.length <= LONGEST_NAME ? tool.name : hashedName(tool, 0);
  const joined = `${tool.namespace}__${tool.name}`;
  return FITS.test(joined) ? joined : hashedName(tool, 0);
}

function hashedName({ name, namespace }: Pick<NamedTool, "name" | "namespace">, salt: number): string {
  const readable = (namespace === undefined ? name : `${namespace}__${name}`).replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 35);
  return fittingId(JSON.stringify([namespace ?? null, name, salt]), /^(?!)/, `${readable}_`);
}
