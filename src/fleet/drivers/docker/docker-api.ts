import { type JsonObject, listOf, objectOf, parseJson, stringOf } from "../../../vocabulary/json.ts";
import { type Container, readContainer } from "./container.ts";
import type { DockerAddress } from "./docker-address.ts";
import { createDockerHttp, type DockerCall, DockerRefusal } from "./docker-http.ts";
import { versionToSpeak } from "./docker-version.ts";
import { jsonLines } from "./json-lines.ts";
import { unframe } from "./log-frames.ts";

/**
 * The ten calls of Docker's Engine API that engines need. All reject with `DockerRefusal` when Docker says no, and with `DriverFailure`
 * ("driver-gone") when it cannot be reached or does not answer in time. What is so already is no refusal.
 */
export interface DockerApi {
  /** Finds out whether it answers. */
  ping(): Promise<void>;
  createContainer(name: string, container: JsonObject): Promise<void>;
  startContainer(id: string): Promise<void>;
  /** Asks it to end, and ends it after so many whole seconds. Resolves once it is gone. */
  stopContainer(id: string, seconds: number): Promise<void>;
  /** Takes it away with its anonymous volumes. */
  removeContainer(id: string): Promise<void>;
  /** By its id or its name. `undefined`: there is none. */
  inspectContainer(id: string): Promise<Container | undefined>;
  /** All with that label, `name=value`, in every state. */
  listContainers(label: string): Promise<readonly Container[]>;
  /** The last lines of both its streams. */
  readLogs(id: string, lines: number): Promise<string>;
  /** What happens to containers with that label, from now on. Throws when the connection breaks. */
  followEvents(label: string, signal: AbortSignal): Promise<AsyncIterable<JsonObject>>;
  /** Pulls an image by its name and tag, and gives what Docker says meanwhile. Throws when the connection breaks. */
  pullImage(image: { readonly name: string; readonly tag: string }, signal: AbortSignal): Promise<AsyncIterable<JsonObject>>;
  /** Ends what is under way. */
  close(): void;
}

/** Milliseconds: questions are answered at once; making, starting and taking away touch disks and devices. */
const QUICK = 15_000;
const SLOW = 120_000;

export function createDockerApi(address: DockerAddress): DockerApi {
  const http = createDockerHttp(address);
  /** Spoken with the daemon that answered last: another may come in its place. */
  let version: Promise<string> | undefined;

  async function findVersion(): Promise<string> {
    const { status, body } = await http.ask({ method: "GET", path: "/version", within: QUICK });
    const found = versionToSpeak(parseJson(body.toString()));
    if (found === undefined) throw new DockerRefusal(status, `what answers at ${address.shown} is no Docker, or one before 19.03`);
    return found;
  }

  /** Puts a call in the version that the daemon speaks. */
  async function versioned<Result>(call: DockerCall, put: (call: DockerCall) => Promise<Result>): Promise<Result> {
    try {
      return await put({ ...call, path: `/${await (version ??= findVersion())}${call.path}` });
    } catch (error) {
      // A version it does not speak is a bad request, too.
      if (!(error instanceof DockerRefusal) || error.status === 400) version = undefined;
      throw error;
    }
  }

  const ask = (call: DockerCall) => versioned(call, http.ask);
  const follow = async (call: DockerCall) => jsonLines(await versioned(call, http.follow));

  const inspectContainer = async (id: string) => {
    const { status, body } = await ask({ method: "GET", path: `${at(id)}/json`, within: QUICK, expected: [404] });
    return status === 404 ? undefined : readContainer(parseJson(body.toString()));
  };

  return {
    async ping() {
      await findVersion();
    },
    async createContainer(name, body) {
      await ask({ method: "POST", path: `/containers/create?${new URLSearchParams({ name })}`, body, within: SLOW });
    },
    async startContainer(id) {
      await ask({ method: "POST", path: `${at(id)}/start`, within: SLOW, expected: [304] });
    },
    async stopContainer(id, seconds) {
      await ask({ method: "POST", path: `${at(id)}/stop?t=${seconds}`, within: seconds * 1000 + SLOW, expected: [304, 404] });
    },
    async removeContainer(id) {
      await ask({ method: "DELETE", path: `${at(id)}?v=true`, within: SLOW, expected: [404] });
    },
    inspectContainer,
    async listContainers(label) {
      const query = new URLSearchParams({ all: "true", filters: JSON.stringify({ label: [label] }) });
      const { body } = await ask({ method: "GET", path: `/containers/json?${query}`, within: QUICK });
      const ids = listOf(parseJson(body.toString())).flatMap((container) => stringOf(objectOf(container)["Id"]) ?? []);
      // The list knows neither processes nor how they ended. What went away meanwhile is not there.
      return (await Promise.all(ids.map(inspectContainer))).filter((container) => container !== undefined);
    },
    async readLogs(id, lines) {
      return unframe((await ask({ method: "GET", path: `${at(id)}/logs?stdout=true&stderr=true&tail=${lines}`, within: QUICK })).body);
    },
    followEvents(label, signal) {
      const query = new URLSearchParams({ filters: JSON.stringify({ type: ["container"], label: [label] }) });
      return follow({ method: "GET", path: `/events?${query}`, within: QUICK, signal });
    },
    pullImage({ name, tag }, signal) {
      return follow({ method: "POST", path: `/images/create?${new URLSearchParams({ fromImage: name, tag })}`, within: SLOW, signal });
    },
    close: http.close,
  };
}

const at = (id: string) => `/containers/${encodeURIComponent(id)}`;
