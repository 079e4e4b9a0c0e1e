import type { JsonObject } from "../../../../vocabulary/json.ts";

/** A kind of object as roles name it. */
export interface Resource {
  readonly group: "" | "apps";
  readonly plural: "deployments" | "pods" | "services" | "events";
  /** A part that has rights of its own. */
  readonly part?: "log";
}

export const DEPLOYMENTS: Resource = { group: "apps", plural: "deployments" };
export const PODS: Resource = { group: "", plural: "pods" };
export const POD_LOGS: Resource = { group: "", plural: "pods", part: "log" };
export const SERVICES: Resource = { group: "", plural: "services" };
export const EVENTS: Resource = { group: "", plural: "events" };

/** A question to the API server, in the words roles are written in: what is asked here is what a role must allow. */
export interface ApiCall {
  readonly verb: "get" | "list" | "watch" | "patch" | "delete";
  readonly resource: Resource;
  /** Which one; absent: all that the query selects. */
  readonly name?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: JsonObject;
}

/** The path of a call, with its query. */
export function pathOf({ verb, resource, name, query }: ApiCall, namespace: string): string {
  const root = resource.group === "" ? "/api/v1" : `/apis/${resource.group}/v1`;
  const one = name === undefined ? "" : `/${encodeURIComponent(name)}`;
  const part = resource.part === undefined ? "" : `/${resource.part}`;
  const parameters = new URLSearchParams({ ...(verb === "watch" ? { watch: "1" } : {}), ...query }).toString();
  return `${root}/namespaces/${encodeURIComponent(namespace)}/${resource.plural}${one}${part}${parameters === "" ? "" : `?${parameters}`}`;
}

/** The HTTP method of a call. */
export function methodOf({ verb }: ApiCall): "GET" | "PATCH" | "DELETE" {
  switch (verb) {
    case "get":
    case "list":
    case "watch":
      return "GET";
    case "patch":
      return "PATCH";
    case "delete":
      return "DELETE";
    default:
      return verb satisfies never;
  }
}

/** The rule that a role must have for this call, as a line of YAML. */
export function ruleFor({ verb, resource: { group, plural, part } }: ApiCall): string {
  return `{ apiGroups: ["${group}"], resources: ["${part === undefined ? plural : `${plural}/${part}`}"], verbs: ["${verb}"] }`;
}
