import { type JsonObject, numberOf, objectOf, stringOf } from "../../../vocabulary/json.ts";
import { DriverFailure } from "../driver.ts";
import type { DockerApi } from "./docker-api.ts";
import { DockerRefusal } from "./docker-http.ts";
import { readImageName } from "./image-name.ts";

/** Images on their way. */
export interface ImagePulls {
  /** Pulls it; whoever asks for one that is under way waits for the same. Rejects with `DriverFailure` ("image-missing", "driver-gone"). */
  pull(image: string): Promise<void>;
  /** How far it is, in a line; `undefined`: nobody pulls it now. */
  progress(image: string): string | undefined;
}

interface Pull {
  readonly layers: Map<string, Layer>;
  readonly done: Promise<void>;
}

interface Layer {
  readonly complete: boolean;
  /** Bytes, as far as they are told. */
  readonly current: number;
  readonly total: number;
}

/** `stall`: after so many milliseconds without a word a pull has failed. */
export function createImagePulls(api: DockerApi, stall: number): ImagePulls {
  const underWay = new Map<string, Pull>();

  async function follow(image: string, layers: Map<string, Layer>): Promise<void> {
    const stalled = new AbortController();
    const timer = setTimeout(() => stalled.abort(), stall);
    try {
      for await (const said of await api.pullImage(readImageName(image), stalled.signal)) {
        timer.refresh();
        const failure = stringOf(said["error"]);
        if (failure !== undefined) throw notPulled(image, failure);
        note(said, layers);
      }
    } catch (error) {
      if (stalled.signal.aborted) throw notPulled(image, `no progress for ${stall / 1000} s`);
      if (error instanceof DockerRefusal) throw notPulled(image, error.message);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    pull(image) {
      const known = underWay.get(image);
      if (known !== undefined) return known.done;
      const layers = new Map<string, Layer>();
      const done = follow(image, layers).finally(() => underWay.delete(image));
      underWay.set(image, { layers, done });
      return done;
    },
    progress(image) {
      const pull = underWay.get(image);
      return pull === undefined ? undefined : `Pulling ${image}: ${inWords([...pull.layers.values()])}`;
    },
  };
}

const COMPLETE = new Set(["Pull complete", "Already exists"]);

function note(said: JsonObject, layers: Map<string, Layer>): void {
  const [id, status] = [stringOf(said["id"]), stringOf(said["status"])];
  if (id === undefined || status === undefined || status.startsWith("Pulling from")) return;
  const { current, total } = objectOf(said["progressDetail"]);
  const before = layers.get(id);
  const downloads = status === "Downloading";
  layers.set(id, {
    complete: COMPLETE.has(status),
    total: (downloads ? numberOf(total) : undefined) ?? before?.total ?? 0,
    // What is unpacked has been loaded whole.
    current: (downloads ? numberOf(current) : before?.total) ?? 0,
  });
}

function inWords(layers: readonly Layer[]): string {
  const sum = (of: (layer: Layer) => number) => layers.reduce((total, layer) => total + of(layer), 0);
  const gibibytes = (bytes: number) => (bytes / 2 ** 30).toFixed(1);
  const complete = layers.filter((layer) => layer.complete).length;
  return `${complete} of ${layers.length} layers, ${gibibytes(sum(({ current }) => current))} of ${gibibytes(sum(({ total }) => total))} GiB`;
}

function notPulled(image: string, why: string): DriverFailure {
  return new DriverFailure("image-missing", `The image ${image} is not there and could not be pulled (${why}). Pull it yourself: docker pull ${image}`);
}
