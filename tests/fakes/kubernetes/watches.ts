import type { ServerResponse } from "node:http";
import type { JsonObject } from "../../../src/vocabulary/json.ts";
import type { Change, ObjectStore, Plural } from "./object-store.ts";

/** The watches that are open, and what can be done to them. */
export interface Watches {
  readonly open: number;
  /** Answers a watch: what changed since its version, and what changes from now on, a line each. */
  begin(response: ServerResponse, watched: Watched): void;
  /** Tells every watch, where it wants bookmarks, the version all is seen up to. */
  bookmark(): void;
  /** Ends them as a server does that has had enough of them: the answer is whole. */
  end(): void;
  /** Cuts them in the middle of an answer. */
  cut(): void;
}

interface Watched {
  readonly plural: Plural;
  readonly selects: (object: JsonObject) => boolean;
  readonly query: URLSearchParams;
}

interface Watch extends Watched {
  readonly response: ServerResponse;
}

export function watchesOf(store: ObjectStore): Watches {
  const open = new Set<Watch>();
  store.onChange((change) => {
    for (const watch of open) tell(watch, change);
  });

  return {
    get open() {
      return open.size;
    },
    begin(response, watched) {
      const watch = { ...watched, response };
      response.writeHead(200, { "content-type": "application/json", "transfer-encoding": "chunked" });
      response.flushHeaders();
      const missed = store.since(Number(watched.query.get("resourceVersion")));
      if (missed === undefined) {
        const message = `too old resource version: ${watched.query.get("resourceVersion")} (${store.version()})`;
        const object = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason: "Expired", code: 410 };
        return void response.end(`${JSON.stringify({ type: "ERROR", object })}\n`);
      }
      for (const change of missed) tell(watch, change);
      open.add(watch);
      response.on("close", () => open.delete(watch));
      const seconds = Number(watched.query.get("timeoutSeconds") ?? 1800);
      const timer = setTimeout(() => response.end(), seconds * 1000);
      response.on("close", () => clearTimeout(timer));
    },
    bookmark() {
      for (const { plural, query, response } of open) {
        if (query.get("allowWatchBookmarks") !== "true") continue;
        const kind = plural === "deployments" ? "Deployment" : "Pod";
        say(response, "BOOKMARK", { kind, metadata: { resourceVersion: String(store.version()), creationTimestamp: null } });
      }
    },
    end() {
      for (const { response } of open) response.end();
      open.clear();
    },
    cut() {
      for (const { response } of open) response.socket?.destroy();
      open.clear();
    },
  };
}

/** Whoever watches by a selector is told of what enters it and what leaves it. */
function tell({ plural, selects, response }: Watch, { type, plural: changed, object, before }: Change): void {
  if (plural !== changed) return;
  const was = before !== undefined && selects(before);
  const is = type !== "DELETED" && selects(object);
  if (is) say(response, was ? "MODIFIED" : "ADDED", object);
  else if (was) say(response, "DELETED", object);
}

/** In two pieces: a line need not come whole. */
function say(response: ServerResponse, type: string, object: JsonObject): void {
  const line = `${JSON.stringify({ type, object })}\n`;
  const middle = Math.floor(line.length / 2);
  response.write(line.slice(0, middle));
  response.write(line.slice(middle));
}
