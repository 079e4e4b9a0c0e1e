import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Json, type JsonObject, listOf, objectOf, parseJson, stringOf } from "../../../../src/vocabulary/json.ts";
import type { FakeSettings, Faults } from "../../../fakes/engine/options.ts";
import { until } from "../../../harness/until.ts";
import { type Answer, ask, type Question } from "./asking.ts";
import type { LifeGateway, LifeHouse, RunningEngine } from "./house.ts";
import { watchEngines } from "./watching.ts";

export const ADMIN_KEY = "sb-test-0123456789abcdef0123456789abcdef";

/** Where all folders of this suite lie: containers see it as well. */
export const LIFE_FOLDERS = join(tmpdir(), "signalbox-life");

/** An engine of a scene: what its config says, and how the fake behaves. */
export interface SceneEngine {
  readonly fake?: FakeSettings;
  readonly config?: JsonObject;
}

export interface SceneOptions {
  readonly engines: Readonly<Record<string, SceneEngine>>;
  /** More of `fleet`, and of the config beside it. */
  readonly fleet?: JsonObject;
  readonly config?: JsonObject;
}

/** An installation: its folder, its gateway, and eyes on its engines. A model is called as its engine. */
export interface Scene {
  readonly folder: string;
  readonly install: string;
  ask(model: string, question?: Question): Promise<Answer>;
  /** Engines that run, of this name or all. */
  running(engine?: string): Promise<readonly RunningEngine[]>;
  /** The engine once it runs. */
  one(engine: string): Promise<RunningEngine>;
  /** How often it was started, by its own count. */
  starts(engine: string): number;
  /** What was learnt of it: `caps` in the fleet's file. */
  learnt(engine: string): JsonObject;
  fault(engine: string, faults: { readonly [Name in keyof Faults]: Faults[Name] | null }): Promise<void>;
  /** What it has done; nothing while it does not listen. */
  counts(engine: string): Promise<JsonObject>;
  /** Requests for this model that are over, as the admin sees them, newest first. */
  requests(model: string): Promise<readonly JsonObject[]>;
  /** The most that ever ran of one engine at once, and of several engines together. */
  mostOf(...engines: readonly string[]): number;
  readonly gateway: LifeGateway;
  /** Starts the gateway, again after it has ended. */
  open(): Promise<void>;
  /** Ends it all. */
  close(): Promise<void>;
}

const MANY = 1000;

/** Opens a scene in the house; its gateway runs. */
export async function openScene(house: LifeHouse, { engines, fleet = {}, config = {} }: SceneOptions): Promise<Scene> {
  mkdirSync(LIFE_FOLDERS, { recursive: true });
  const folder = mkdtempSync(join(LIFE_FOLDERS, "of-"));
  const startsFile = (engine: string) => join(folder, `${engine}.starts`);
  const engineConfig = (name: string, { fake, config }: SceneEngine): JsonObject => ({
    model: name,
    args: ["--fake", JSON.stringify({ ...fake, startsFile: startsFile(name) })],
    max_concurrent: MANY,
    ...house.engine,
    ...config,
  });
  const settings = {
    routing: { hold_status: "300ms", backoff_ms: [10, 50] },
    server: { shutdown_grace: "1s" },
    ...config,
    fleet: {
      gpus: [],
      backoff: "2s",
      ...house.fleet,
      ...fleet,
      engines: Object.fromEntries(Object.entries(engines).map(([name, engine]) => [name, engineConfig(name, engine)])),
    },
  };
  writeFileSync(join(folder, "signalbox.yaml"), JSON.stringify(settings));
  const remembered = () => objectOf(parseJson(readFileSync(join(folder, "data", "engines", "fleet.json"), "utf8")));
  let gateway = await house.open(folder);
  const install = stringOf(remembered()["install"]) ?? "";
  const running = async (engine?: string) => (await house.running(install)).filter((one) => engine === undefined || one.engine === engine);
  const watch = watchEngines(() => house.running(install));

  const one = async (engine: string) => {
    let found: RunningEngine | undefined;
    await until(`${engine} to run`, async () => {
      found = (await running(engine))[0];
      return found !== undefined;
    });
    if (found === undefined) throw new Error(`${engine} does not run.`);
    return found;
  };
  const askFake = async (engine: string, path: string, body?: Json) => {
    const { url } = await one(engine);
    const answer = await fetch(`${url}/fake/${path}`, body === undefined ? {} : { method: "POST", body: JSON.stringify(body) });
    return objectOf(await answer.json());
  };
  return {
    folder,
    install,
    get gateway() {
      return gateway;
    },
    ask: (model, question) => ask({ url: gateway.url, key: ADMIN_KEY, model }, question),
    running,
    one,
    starts: (engine) => linesIn(startsFile(engine)).length,
    learnt: (engine) => objectOf(objectOf(objectOf(remembered()["lessons"])[engine])["caps"]),
    fault: async (engine, faults) => void (await askFake(engine, "fault", { ...faults })),
    counts: (engine) => askFake(engine, "counts").catch(() => ({})),
    async requests(model) {
      const answer = await fetch(`${gateway.url}/admin/requests?model=${model}`, { headers: { authorization: `Bearer ${ADMIN_KEY}` } });
      return listOf(objectOf(await answer.json())["data"]).map(objectOf);
    },
    mostOf: (...names) => watch.mostOf(names),
    async open() {
      gateway = await house.open(folder);
    },
    async close() {
      await gateway.kill();
      await watch.stop();
      for (const engine of await house.running(install)) await house.kill(engine);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function linesIn(file: string): string[] {
  try {
    return readFileSync(file, "utf8").trim().split("\n");
  } catch {
    return [];
  }
}
