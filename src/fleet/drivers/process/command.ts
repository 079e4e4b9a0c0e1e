import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { DriverFailure, type GpuHandle, type Launch } from "../driver.ts";
import { fillPlaceholders } from "../placeholders.ts";

/** Engines of this driver are called by this gateway only. */
export const HOST = "127.0.0.1";

type Environment = Readonly<Record<string, string>>;

/** What a launch comes to at a port. */
export interface Command {
  readonly port: number;
  readonly words: readonly string[];
  readonly environment: Environment;
}

/** The command and its environment, with everything filled in. `own`: the gateway's environment, of which an engine gets but a little. */
export function commandOf(launch: Launch, port: number, own: Readonly<Record<string, string | undefined>>): Command {
  const { spec, name, args, env, gpus } = launch;
  const fill = (words: readonly string[]) => fillPlaceholders(words, { host: HOST, port, model: spec.model, name });
  const values = fill(Object.values(env));
  const given = Object.fromEntries(Object.keys(env).map((variable, index) => [variable, values[index] ?? ""]));
  return {
    port,
    words: fill([...(spec.command ?? []), ...args]),
    environment: { ...passedOn(own), ...UNBUFFERED, ...visibleGpus(gpus), ...given, ...markOf(name) },
  };
}

/** By this the processes of a start are known when the first of them has ended. */
export const MARK = "SIGNALBOX_ENGINE";

function markOf(name: string): Environment {
  // Python's setproctitle, which vLLM names its processes with, otherwise writes over the environment that others read.
  return { [MARK]: name, SPT_NOENV: "1" };
}

/** The last words of one that crashes are to be in its log. */
const UNBUFFERED: Environment = { PYTHONUNBUFFERED: "1" };

/** What programs need to run at all, and what points them to models, libraries and GPUs. */
const PASSED_ON = /^(PATH|HOME|HF_HOME|HF_TOKEN|LD_LIBRARY_PATH)$|^(CUDA|NVIDIA)(?!.*(KEY|TOKEN|SECRET|PASSWORD))/;

function passedOn(own: Readonly<Record<string, string | undefined>>): Environment {
  return Object.fromEntries(Object.entries(own).flatMap(([name, value]) => (value !== undefined && PASSED_ON.test(name) ? [[name, value]] : [])));
}

/** An engine without GPUs sees none. Numbers mean what nvidia-smi's do: CUDA's own order has the fastest first. */
function visibleGpus(gpus: readonly GpuHandle[]): Environment {
  const devices = gpus.map(({ id, uuid }) => uuid ?? id.slice(id.lastIndexOf("/") + 1));
  return { CUDA_DEVICE_ORDER: "PCI_BUS_ID", CUDA_VISIBLE_DEVICES: devices.join(",") };
}

/** Rejects with `refused`, saying what to do, when it could never run as it is described. */
export async function refuseUnrunnable(launch: Launch, own: Readonly<Record<string, string | undefined>>): Promise<void> {
  const { spec, name } = launch;
  const where = `fleet.engines.${spec.name}`;
  // Its name is a folder's.
  if (!/^[A-Za-z0-9][\w.-]*$/.test(name))
    throw new DriverFailure("refused", `"${name}" cannot name an engine's folder: letters, digits, "_", "-" and "." can.`);
  const { words, environment } = commandOf(launch, 0, own);
  const program = spec.command?.[0];
  if (program === undefined) throw new DriverFailure("refused", `${where} has no command. Say what runs it: command: [vllm, serve, "{model}"].`);
  if (![...(spec.command ?? []), ...launch.args, ...Object.values(launch.env)].some((word) => word.includes("{port}"))) {
    throw new DriverFailure(
      "refused",
      `Nothing in the command of ${where} says {port}, so nobody would know where it listens. Write {port} where its port belongs.`,
    );
  }
  await refuseMissing(words[0] ?? program, environment["PATH"] ?? "", where);
}

async function refuseMissing(program: string, path: string, where: string): Promise<void> {
  const places = program.includes("/") ? [program] : path.split(delimiter).map((folder) => join(folder, program));
  const troubles = await Promise.all(places.map(troubleWith));
  if (troubles.includes(undefined)) return;
  const found = troubles.includes("EACCES");
  const why = found
    ? "may not be executed by this user: give it the right (chmod +x), or name another"
    : "is not there: install it, or name it with its whole path";
  throw new DriverFailure("refused", `The command of ${where}, "${program}", ${why}.`);
}

async function troubleWith(file: string): Promise<string | undefined> {
  return await access(file, constants.X_OK).then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error.code ?? "ENOENT",
  );
}
