import { type Json, objectOf, stringOf } from "../../../vocabulary/json.ts";

/** Minor versions of the interface, all of them 1.x: the one this was written for, and the first that knows of GPUs (Docker 19.03). */
const WRITTEN_FOR = 44;
const FIRST_WITH_GPUS = 40;

/**
 * Which version of the interface is spoken with a daemon, `v1.41`, by its answer to `GET /version`: the one this was written for, or the nearest
 * that the daemon knows. `undefined`: none, or what answered is no Docker.
 */
export function versionToSpeak(answer: Json | undefined): string | undefined {
  const { ApiVersion, MinAPIVersion } = objectOf(answer);
  const newest = minorOf(ApiVersion);
  if (newest === undefined || newest < FIRST_WITH_GPUS) return undefined;
  return `v1.${Math.max(Math.min(newest, WRITTEN_FOR), minorOf(MinAPIVersion) ?? 0)}`;
}

function minorOf(version: Json | undefined): number | undefined {
  const minor = /^1\.(\d+)$/.exec(stringOf(version) ?? "")?.[1];
  return minor === undefined ? undefined : Number(minor);
}
