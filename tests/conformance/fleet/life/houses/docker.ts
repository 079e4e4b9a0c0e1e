import { listOf, numberOf, objectOf, parseJson, stringOf } from "../../../../../src/vocabulary/json.ts";
import { type DockerEngine, startDockerEngine } from "../../../../harness/docker.ts";
import { type LifeHouse, type RunningEngine, readName } from "../house.ts";
import { ADMIN_KEY, LIFE_FOLDERS } from "../scene.ts";
import { gatewayProcess } from "./gateway-process.ts";

/** Gateways are processes, engines are containers of a real Docker Engine, which has no GPUs to give and so a runtime that gives none. */
export async function dockerHouse(): Promise<LifeHouse> {
  const docker = await startDockerEngine(`--add-runtime=nvidia=${Bun.which("runc") ?? "runc"}`);
  const { host, image } = docker;
  const binds = [...docker.binds, `${LIFE_FOLDERS}:${LIFE_FOLDERS}`];
  const create = async (name: string, labels: Readonly<Record<string, string>>) => {
    const { status, body } = await docker.ask("POST", `/containers/create?name=${name}`, { Image: image, Labels: labels });
    if (status !== 201) throw new Error(`${name} was not made: ${JSON.stringify(body)}`);
  };
  return {
    fleet: { driver: "docker", docker: { host, image, binds, pull: "never", runtime: "nvidia", shared_memory: "64MiB" } },
    engine: {},
    unrunnable: { image: "nobody/nothing:1" },
    unrunnableSays: /The image nobody\/nothing:1 is not there.*docker pull nobody\/nothing:1/,
    open: (folder) => gatewayProcess(folder, ADMIN_KEY),
    running: async (install) => (await containersOf(docker, install, false)).flatMap((container) => runningEngine(container, install)),
    left: async (install) => (await containersOf(docker, install, true)).map(nameOf),
    async kill({ name }) {
      await docker.ask("POST", `/containers/${name}/kill?signal=KILL`);
    },
    occupy: (name) => create(name, {}),
    leaveCreated: ({ install, engine, generation }) =>
      create(`signalbox-${install}-${engine}-${generation}`, {
        "signalbox.install": install,
        "signalbox.engine": engine,
        "signalbox.generation": String(generation),
        "signalbox.hash": "as it was",
        "signalbox.gpus": "",
      }),
    creations: (install) => createdIn(docker, install),
    close: () => docker.remove(),
  };
}

async function containersOf(docker: DockerEngine, install: string, all: boolean): Promise<readonly unknown[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`signalbox.install=${install}`] }));
  return listOf((await docker.ask("GET", `/containers/json?all=${all}&filters=${filters}`)).body);
}

const nameOf = (container: unknown): string => String(listOf(objectOf(container)["Names"])[0]).slice(1);

function runningEngine(container: unknown, install: string): RunningEngine[] {
  const name = nameOf(container);
  const known = readName(name, install);
  const port = listOf(objectOf(container)["Ports"]).flatMap((one) => numberOf(objectOf(one)["PublicPort"]) ?? [])[0];
  return known === undefined ? [] : [{ name, ...known, url: `http://127.0.0.1:${port}` }];
}

/** Names of containers that were ever made for an installation, by Docker's own book of events. */
async function createdIn(docker: DockerEngine, install: string): Promise<readonly string[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`signalbox.install=${install}`], event: ["create"], type: ["container"] }));
  const { text } = await docker.ask("GET", `/events?since=0&until=${Math.ceil(Date.now() / 1000)}&filters=${filters}`);
  return text.split("\n").flatMap((line) => stringOf(objectOf(objectOf(objectOf(parseJson(line))["Actor"])["Attributes"])["name"]) ?? []);
}
