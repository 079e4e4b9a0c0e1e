/** How a run of nvidia-smi ended, for somebody who is to mend it. */
export interface Ended {
  /** Both outputs' beginning: it writes some errors to the one, some to the other. */
  readonly text: string;
  readonly code?: number;
  /** The system's word when it could not be started at all: `ENOENT`. */
  readonly error?: string;
  /** It was ended because it did not answer for so many milliseconds. */
  readonly silentFor?: number;
}

/** What nvidia-smi says, and what there is to be done about it. The first that matches holds. */
const KNOWN: readonly { readonly says: RegExp; readonly means: string }[] = [
  {
    says: /Driver\/library version mismatch/i,
    means: "the NVIDIA driver was updated under the running kernel module (driver/library version mismatch): reboot, or unload and load the nvidia modules",
  },
  {
    says: /couldn't communicate with the NVIDIA driver|Driver Not Loaded/i,
    means: "the NVIDIA driver is not loaded: install it, or see why it did not load (`dmesg | grep -i nvidia`)",
  },
  { says: /No devices were found/i, means: "the NVIDIA driver runs and finds no GPU" },
  {
    says: /couldn't find libnvidia-ml|NVML Shared Library Not Found/i,
    means:
      "nvidia-smi finds no libnvidia-ml.so: in a container start it with the NVIDIA runtime (`--gpus all`, NVIDIA_DRIVER_CAPABILITIES=utility), else install the driver",
  },
  {
    says: /Failed to initialize NVML: Unknown Error/i,
    means: "the container has lost its GPUs (NVML: Unknown Error), mostly after `systemctl daemon-reload`: start it again",
  },
  { says: /Insufficient Permissions/i, means: "this user may not read the GPUs (NVML: Insufficient Permissions)" },
  { says: /is not a valid field to query/i, means: "this NVIDIA driver is too old to be asked (450 or later is)" },
  { says: /GPU is lost|fallen off the bus/i, means: "a GPU is lost (fallen off the bus): reboot, and see `dmesg | grep -i xid`" },
];

/** Why there are no figures, in a sentence for the operator. */
export function whyNoFigures(command: string, { text, code, error, silentFor }: Ended): string {
  if (error === "ENOENT")
    return `GPUs are not measured: there is no ${command} on this machine's path. Install the NVIDIA driver, or give fleet.gpus with id and memory.`;
  if (error !== undefined) return `GPUs are not measured: ${command} could not be started (${error}).`;
  if (silentFor !== undefined)
    return `GPUs are not measured: ${command} said nothing for ${Math.round(silentFor / 1000)} s; a GPU may hang (\`dmesg | grep -i xid\`).`;
  const known = KNOWN.find(({ says }) => says.test(text));
  if (known !== undefined) return `GPUs are not measured: ${known.means}.`;
  const said = text.trim().split("\n")[0]?.trim().slice(0, 200);
  return `GPUs are not measured: ${command} ended${code === undefined ? "" : ` with ${code}`}${said ? ` and said "${said}"` : " and said nothing"}.`;
}
