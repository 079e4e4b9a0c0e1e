import { DriverFailure, type DriverReason } from "../driver.ts";
import { DockerRefusal } from "./docker-http.ts";

interface Reading {
  readonly said: RegExp;
  readonly reason: DriverReason;
  /** What to do; it stands before Docker's own words. */
  readonly advice: string;
}

/** Docker's, and Podman's. */
const IMAGE_MISSING = /no such image|image not known/i;

/** Refusals by Docker's words, since its statuses say little and Podman's less; the first that fits counts. */
const READINGS: readonly Reading[] = [
  {
    said: /could not select device driver/,
    reason: "refused",
    advice: "Docker has no driver for NVIDIA's GPUs: install the NVIDIA Container Toolkit and restart Docker",
  },
  { said: /nvidia-container-cli|unresolvable CDI devices/i, reason: "refused", advice: "NVIDIA's container runtime does not give this engine its GPUs" },
  {
    said: /unknown (or invalid )?runtime|runtime "?[\w.-]+"? not found/i,
    reason: "refused",
    advice: "Docker does not know this runtime: correct fleet.docker.runtime",
  },
  {
    said: /port is already allocated|address already in use/i,
    reason: "port-taken",
    advice: "the engine's port cannot be published at fleet.docker.publish_at",
  },
  { said: /cannot assign requested address/i, reason: "refused", advice: "fleet.docker.publish_at is no address of Docker's machine" },
  {
    said: /network \S+ not found|unable to find network/i,
    reason: "refused",
    advice: "make the network (docker network create …), or correct fleet.docker.network",
  },
  {
    said: /invalid volume specification|invalid mount|bind source path does not exist|statfs .* no such file|mount denied|error mounting/i,
    reason: "refused",
    advice: "correct the engine's volumes or fleet.docker.binds",
  },
  {
    said: /executable file not found|no such file or directory: unknown|permission denied: unknown|no command specified/i,
    reason: "refused",
    advice: "correct the engine's command, or its image",
  },
  { said: /unable to find user|no matching entries in passwd/i, reason: "refused", advice: "correct fleet.docker.user" },
  { said: IMAGE_MISSING, reason: "image-missing", advice: "pull its image" },
  { said: /no space left on device/i, reason: "failed", advice: "make room on Docker's disk" },
];

/**
 * Docker's refusal as a driver's failure. `what` begins the sentence: "The engine could not be started". `hidden` are texts that must not be repeated.
 */
export function driverFailureOf(error: unknown, what: string, hidden: readonly string[] = []): unknown {
  if (!(error instanceof DockerRefusal)) return error;
  const said = hidden.reduce((text, secret) => text.replaceAll(secret, "…"), error.message);
  const { reason, advice } = READINGS.find((reading) => reading.said.test(error.message)) ?? byStatus(error.status);
  return new DriverFailure(reason, `${what}${advice === undefined ? "" : `: ${advice}`}. Docker says: ${said}`);
}

function byStatus(status: number): { readonly reason: DriverReason; readonly advice?: string } {
  switch (status) {
    case 400:
      return { reason: "refused" };
    case 401:
    case 403:
      return { reason: "refused", advice: "what stands before Docker does not allow this call" };
    case 502:
    case 503:
    case 504:
      return { reason: "driver-gone", advice: "what stands before Docker does not reach it" };
    default:
      return { reason: "failed" };
  }
}

/** Statuses do not tell: a network that is not there is a 404 as well. */
export const saysImageMissing = (error: unknown): boolean => error instanceof DockerRefusal && IMAGE_MISSING.test(error.message);

/** 409 from Docker, 500 from Podman. */
export const saysNameTaken = (error: unknown): boolean =>
  error instanceof DockerRefusal && /\bname\b.*\b(is already in use|already exists)/i.test(error.message);

/** Somebody else takes it away already. */
export const saysBeingRemoved = (error: unknown): boolean => error instanceof DockerRefusal && /is already in progress|is being removed/i.test(error.message);

/** What a name that somebody else has means: it is left alone. */
export function notOurs(name: string): DriverFailure {
  return new DriverFailure("name-taken", `There is a container ${name} already, and it was not made for this. Rename it or take it away: docker rm ${name}`);
}
