import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type JsonObject, objectOf, parseJson, stringOf } from "../../../src/vocabulary/json.ts";
import { matchesFields, matchesLabels, mergePatch, type ObjectStore, type Plural } from "./object-store.ts";
import { type Attributes, allows, forbidden, type Rule } from "./roles.ts";
import { type Watches, watchesOf } from "./watches.ts";

/** Who may ask what: a user's name and rules by bearer token. Rules absent: everything. */
export interface User {
  readonly name: string;
  rules?: readonly Rule[];
}

export interface ApiServer {
  readonly url: string;
  readonly users: Map<string, User>;
  /** What was asked by whom, and allowed. */
  readonly asked: (Attributes & { readonly user: string })[];
  readonly watches: Watches;
  /** Answers the next calls so, one for each. */
  readonly faults: { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly only?: string }[];
  /** Called just before a patch is applied: somebody else may be quicker. */
  beforePatch: ((name: string) => void) | undefined;
  /** Hangs up on everybody, and takes no call until `open`. */
  shut(): void;
  open(): void;
  stop(): Promise<void>;
}

export interface ApiServerParts {
  readonly namespace: string;
  readonly store: ObjectStore;
  readonly logs: (pod: JsonObject, query: URLSearchParams) => string | undefined;
  readonly tls?: { readonly cert: string; readonly key: string };
}

const KINDS: Readonly<Record<Plural, string>> = { deployments: "Deployment", pods: "Pod", services: "Service", events: "Event" };
const PATH =
  /^\/(?:api|apis\/(?<group>[\w.]+))\/v1\/namespaces\/(?<namespace>[^/]+)\/(?<plural>deployments|pods|services|events)(?:\/(?<name>[^/]+))?(?:\/(?<part>log|status))?$/;

/**
 * A fake of Kubernetes' API server, for want of a cluster: four kinds of object in one namespace, with what a client of them has to get right, as the
 * API's documentation describes it: versions and conflicts, watches with bookmarks, versions that are too old, roles, tokens.
 */
export async function startApiServer({ namespace, store, logs, tls }: ApiServerParts): Promise<ApiServer> {
  let shut = false;
  const watches = watchesOf(store);
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    if (shut) return void request.socket.destroy();
    void answer(request, response).catch((error) => refuse(response, { code: 500, reason: "InternalError", message: String(error) }));
  };
  const server = tls === undefined ? createServer(listener) : createSecureServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;

  const fake: ApiServer = {
    url: `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}`,
    users: new Map(),
    asked: [],
    watches,
    faults: [],
    beforePatch: undefined,
    shut() {
      shut = true;
      watches.cut();
    },
    open() {
      shut = false;
    },
    async stop() {
      watches.cut();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return fake;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", fake.url);
    const { group = "", namespace: asked, plural, name, part } = PATH.exec(decodeURIComponent(url.pathname))?.groups ?? {};
    const body = objectOf(parseJson(await textOf(request)));
    const user = fake.users.get(/^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "");
    if (user === undefined) return void refuse(response, { code: 401, reason: "Unauthorized", message: "Unauthorized" });
    if (plural === undefined || asked !== namespace) return void refuse(response, notFound(url.pathname));
    const verb = verbOf(request.method ?? "GET", name, url.searchParams);
    const attributes = { verb, group, resource: part === undefined ? plural : `${plural}/${part}`, name };
    const fault = fake.faults.findIndex(({ only }) => only === undefined || only === verb);
    if (user.rules !== undefined && fault >= 0) {
      const [{ status, headers }] = fake.faults.splice(fault, 1) as [(typeof fake.faults)[number]];
      return void refuse(response, { code: status, reason: "ServiceUnavailable", message: "the server is currently unable to handle the request" }, headers);
    }
    if (user.rules !== undefined && !allows(user.rules, attributes)) {
      return void refuse(response, { code: 403, reason: "Forbidden", message: forbidden(user.name, namespace, attributes) });
    }
    fake.asked.push({ ...attributes, user: user.name });
    serve(plural as Plural, { verb, name, part, query: url.searchParams, body, type: request.headers["content-type"] ?? "" }, response);
  }

  function serve(plural: Plural, { verb, name, part, query, body, type }: Asked, response: ServerResponse): void {
    const selects = (object: JsonObject) => matchesLabels(query.get("labelSelector") ?? "", object) && matchesFields(query.get("fieldSelector") ?? "", object);
    if (verb === "watch") return void watches.begin(response, { plural, selects, query });
    if (verb === "list") {
      const metadata = { resourceVersion: String(store.version()) };
      return void give(response, 200, { kind: `${KINDS[plural]}List`, apiVersion: apiVersionOf(plural), metadata, items: store.list(plural).filter(selects) });
    }
    if (verb === "create") return void give(response, 201, store.write(plural, { apiVersion: apiVersionOf(plural), kind: KINDS[plural], ...body }));
    const object = store.find(plural, name ?? "");
    if (object === undefined) return void refuse(response, notFound(`${plural} "${name}"`));
    switch (verb) {
      case "patch":
        return void patch(plural, { object, body, type }, response);
      case "delete":
        return void remove(plural, { object, body }, response);
      default:
        return void (part === "log" ? giveLogs(object, query, response) : give(response, 200, object));
    }
  }

  function patch(plural: Plural, { object, body, type }: { object: JsonObject; body: JsonObject; type: string }, response: ServerResponse): void {
    if (type !== "application/merge-patch+json")
      return void refuse(response, { code: 415, reason: "UnsupportedMediaType", message: `${type} is not supported by this fake` });
    const name = stringOf(objectOf(object["metadata"])["name"]) ?? "";
    fake.beforePatch?.(name);
    const now = store.find(plural, name) ?? object;
    const version = objectOf(body["metadata"])["resourceVersion"];
    if (version !== undefined && version !== objectOf(now["metadata"])["resourceVersion"]) {
      const what = plural === "deployments" ? "deployments.apps" : plural;
      const message = `Operation cannot be fulfilled on ${what} "${name}": the object has been modified; please apply your changes to the latest version and try again`;
      return void refuse(response, { code: 409, reason: "Conflict", message });
    }
    give(response, 200, store.write(plural, mergePatch(now, body)));
  }

  /** Of a pod with a node, its end is only asked for: the kubelet takes it away. A second, shorter grace counts; a longer one does not. */
  function remove(plural: Plural, { object, body }: { object: JsonObject; body: JsonObject }, response: ServerResponse): void {
    const metadata = objectOf(object["metadata"]);
    const name = stringOf(metadata["name"]) ?? "";
    const uid = objectOf(body["preconditions"])["uid"];
    if (uid !== undefined && uid !== metadata["uid"]) {
      return void refuse(response, {
        code: 409,
        reason: "Conflict",
        message: `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata["uid"]}`,
      });
    }
    const phase = objectOf(object["status"])["phase"];
    const spec = objectOf(object["spec"]);
    const own = Number(spec["terminationGracePeriodSeconds"] ?? 30);
    const wanted = Number(body["gracePeriodSeconds"] ?? own);
    if (plural !== "pods" || wanted === 0 || spec["nodeName"] === undefined || phase === "Failed" || phase === "Succeeded") {
      store.remove(plural, name);
      return void give(response, 200, object);
    }
    const before = metadata["deletionGracePeriodSeconds"];
    const grace = before === undefined ? wanted : Math.min(Number(before), wanted);
    const began = before === undefined ? Date.now() : Date.parse(String(metadata["deletionTimestamp"])) - Number(before) * 1000;
    const deletionTimestamp = new Date(Math.max(began, before === undefined ? 0 : Date.now()) + grace * 1000).toISOString();
    give(response, 200, store.write(plural, { ...object, metadata: { ...metadata, deletionTimestamp, deletionGracePeriodSeconds: grace } }));
  }

  function giveLogs(pod: JsonObject, query: URLSearchParams, response: ServerResponse): void {
    const text = logs(pod, query);
    if (text === undefined) {
      const container = query.get("container");
      const name = objectOf(pod["metadata"])["name"];
      return void refuse(response, {
        code: 400,
        reason: "BadRequest",
        message: `container "${container}" in pod "${name}" is waiting to start: ContainerCreating`,
      });
    }
    response.writeHead(200, { "content-type": "text/plain" }).end(text);
  }
}

interface Asked {
  readonly verb: string;
  readonly name?: string;
  readonly part?: string;
  readonly query: URLSearchParams;
  readonly body: JsonObject;
  readonly type: string;
}

interface Refused {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
}

function verbOf(method: string, name: string | undefined, query: URLSearchParams): string {
  switch (method) {
    case "POST":
      return "create";
    case "PATCH":
      return "patch";
    case "DELETE":
      return "delete";
    default:
      return name !== undefined ? "get" : /^(1|true)$/.test(query.get("watch") ?? "") ? "watch" : "list";
  }
}

function apiVersionOf(plural: Plural): string {
  return plural === "deployments" ? "apps/v1" : "v1";
}

function notFound(what: string): Refused {
  return { code: 404, reason: "NotFound", message: `${what} not found` };
}

function give(response: ServerResponse, status: number, body: JsonObject, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

function refuse(response: ServerResponse, { code, reason, message }: Refused, headers: Readonly<Record<string, string>> = {}): void {
  give(response, code, { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, code }, headers);
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const piece of request) text += piece;
  return text;
}
