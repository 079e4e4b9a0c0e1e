import { isObject, type JsonObject, listOf, objectOf, stringOf } from "../../../../vocabulary/json.ts";
import type { Resource } from "./call.ts";
import type { ApiClient } from "./client.ts";

/** What is followed: all objects of a kind that a label selector finds. */
export interface Selection {
  readonly resource: Resource;
  readonly labelSelector: string;
}

export interface Follower {
  /** All of them as they are now; told at first and after every change. */
  changed(objects: readonly JsonObject[]): void;
  /** They cannot be followed at present. */
  troubled(error: unknown): void;
  /** They are followed, for the first time, again or still. */
  well(): void;
}

/** Milliseconds to wait after so many failures in a row: none after the first, which a cut connection is, then from a quarter of a second up to half a minute. */
export function pauseAfter(failures: number, random: number): number {
  return failures <= 1 ? 0 : Math.min(250 * 2 ** (failures - 2), 30_000) * (0.5 + random / 2);
}

/** Between one watch that the server ended and the next, milliseconds: a server that ends all of them at once is not to be run over. */
const BREATH = 100;

/**
 * Follows objects as the API's documentation has it: a list, then a watch from the list's version on, and from each event's or bookmark's version when
 * the watch was ended; a list again when that version is too old (410) or the connection broke. Resolves when `signal` says so; never rejects.
 */
export async function follow(client: ApiClient, { selection, signal }: { selection: Selection; signal: AbortSignal }, follower: Follower): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    try {
      const known = await listed(client, selection);
      if (signal.aborted) return;
      follower.changed([...known.objects.values()]);
      await watched(known);
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      if (failures > 1) follower.troubled(error);
      await pause(pauseAfter(failures, Math.random()), signal);
    }
  }

  async function watched(known: Known): Promise<void> {
    while (!signal.aborted) {
      const { resource, labelSelector } = selection;
      const events = await client.watch({ verb: "watch", resource, query: { labelSelector, resourceVersion: known.version } }, signal);
      follower.well();
      for await (const event of events) {
        failures = 0;
        known.version = versionOf(event.object);
        if (event.type === "BOOKMARK") continue;
        if (event.type === "DELETED") known.objects.delete(uidOf(event.object));
        else known.objects.set(uidOf(event.object), event.object);
        if (!signal.aborted) follower.changed([...known.objects.values()]);
      }
      failures = 0;
      await pause(BREATH, signal);
    }
  }
}

interface Known {
  version: string;
  readonly objects: Map<string, JsonObject>;
}

async function listed(client: ApiClient, { resource, labelSelector }: Selection): Promise<Known> {
  const list = objectOf(await client.send({ verb: "list", resource, query: { labelSelector } }));
  return {
    version: versionOf(list),
    objects: new Map(
      listOf(list["items"])
        .filter(isObject)
        .map((each) => [uidOf(each), each]),
    ),
  };
}

function versionOf(object: JsonObject): string {
  return stringOf(objectOf(object["metadata"])["resourceVersion"]) ?? "";
}

function uidOf(object: JsonObject): string {
  return stringOf(objectOf(object["metadata"])["uid"]) ?? "";
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", done);
  });
}
