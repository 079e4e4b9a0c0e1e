import { DriverFailure, type Launch } from "../driver.ts";
import { containerRequest } from "./container-request.ts";
import type { DockerApi } from "./docker-api.ts";
import { driverFailureOf, notOurs, saysImageMissing, saysNameTaken } from "./docker-failure.ts";
import type { DockerOptions } from "./docker-options.ts";
import { createImagePulls } from "./image-pulls.ts";
import { isMadeFrom } from "./labels.ts";
import { patiently } from "./patiently.ts";

/** Makes containers for launches. */
export interface ContainerMaker {
  /** Makes it, or finds it made; an image that is missing is pulled first. Rejects with `DriverFailure`. */
  make(launch: Launch): Promise<void>;
  /** How far the image is that a launch waits for, in a line; `undefined`: it waits for none. */
  progress(name: string): string | undefined;
}

/** Of an engine's variables: anything shorter is a number or a switch, and part of other words. */
const SHORTEST_SECRET = 8;

/** `stall`: after so many milliseconds without a word a pull has failed. */
export function createContainerMaker(api: DockerApi, options: DockerOptions, stall: number): ContainerMaker {
  const pulls = createImagePulls(api, stall);
  /** The images that launches wait for, by the launch's name. */
  const awaited = new Map<string, string>();

  /** False: its name is held by one that is just being made or taken away. */
  async function isMade(launch: Launch, image: string): Promise<boolean> {
    try {
      await api.createContainer(launch.name, containerRequest(launch, image, options));
      return true;
    } catch (error) {
      if (!saysNameTaken(error)) throw error;
    }
    const there = await api.inspectContainer(launch.name);
    if (there !== undefined && !isMadeFrom(launch, there)) throw notOurs(launch.name);
    return there !== undefined;
  }

  async function pullFor({ name }: Launch, image: string): Promise<void> {
    if (options.pull === "never")
      throw new DriverFailure("image-missing", `The image ${image} is not there, and fleet.docker.pull is never. Pull it yourself: docker pull ${image}`);
    awaited.set(name, image);
    try {
      await pulls.pull(image);
    } finally {
      awaited.delete(name);
    }
  }

  return {
    async make(launch) {
      const image = imageOf(launch, options);
      const what = `A container for ${launch.spec.name} could not be made`;
      const made = () => patiently(() => isMade(launch, image), `${what}: its name ${launch.name} is held by a container that does not come into being.`);
      try {
        await made().catch(async (error: unknown) => {
          if (!saysImageMissing(error)) throw error;
          await pullFor(launch, image);
          await made();
        });
      } catch (error) {
        const secrets = Object.values(launch.env).filter((value) => value.length >= SHORTEST_SECRET);
        throw driverFailureOf(error, what, secrets);
      }
    },
    progress(name) {
      const image = awaited.get(name);
      return image === undefined ? undefined : pulls.progress(image);
    },
  };
}

function imageOf({ spec }: Launch, options: DockerOptions): string {
  const image = spec.image ?? options.image;
  if (image !== undefined) return image;
  throw new DriverFailure("refused", `No image is named for ${spec.name}: set its image, or fleet.docker.image for all engines.`);
}
