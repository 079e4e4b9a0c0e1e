import type { DriverReason } from "../driver.ts";
import type { Pod } from "./objects/pod.ts";

/** How far the start of an engine has come, by its pods. */
export type Standing =
  /** There is no pod yet. */
  | { readonly type: "absent" }
  /** Its node fetches the image, mounts what is to be mounted: this may take long. */
  | { readonly type: "preparing"; readonly pod: Pod }
  /** It cannot go on, unless something changes. */
  | { readonly type: "hindered"; readonly reason: DriverReason; readonly why: string }
  /** The engine's container runs, or has run. */
  | { readonly type: "begun" };

/** What a container can wait for in vain; everything else it waits for comes by itself. */
const HINDRANCES: Readonly<Record<string, DriverReason>> = {
  ErrImagePull: "image-missing",
  ImagePullBackOff: "image-missing",
  InvalidImageName: "image-missing",
  ErrImageNeverPull: "image-missing",
  ImageInspectError: "image-missing",
  RegistryUnavailable: "image-missing",
  SignatureValidationFailed: "image-missing",
  CreateContainerConfigError: "refused",
  CreateContainerError: "refused",
  // No node has the GPUs, or the memory, that are asked for: one may come, or another engine leave.
  Unschedulable: "failed",
  SchedulingGated: "failed",
};

export function standingOf(pods: readonly Pod[]): Standing {
  const pod = newestOf(pods.filter(({ ending }) => !ending));
  if (pod === undefined) return { type: "absent" };
  if (pod.running || pod.finished || pod.restarted || pod.termination !== undefined) return { type: "begun" };
  const { reason, message } = pod.waiting ?? { reason: "", message: "" };
  const hindrance = HINDRANCES[reason];
  if (hindrance === undefined) return { type: "preparing", pod };
  return { type: "hindered", reason: hindrance, why: `Pod ${pod.name} waits (${reason})${message === "" ? "" : `: ${message}`}` };
}

/** Of several pods the one made last. */
export function newestOf(pods: readonly Pod[]): Pod | undefined {
  return pods.reduce<Pod | undefined>((newest, pod) => (newest !== undefined && newest.created > pod.created ? newest : pod), undefined);
}
