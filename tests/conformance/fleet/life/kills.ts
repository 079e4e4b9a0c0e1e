import { setTimeout as pause } from "node:timers/promises";
import { isWhole } from "./asking.ts";
import type { Scene, SceneOptions } from "./scene.ts";

/** How often a gateway is killed, under traffic that has engines come and go all the while. */
export interface Killing {
  readonly kills: number;
  readonly random: () => number;
  /** Told how far it is. */
  readonly tell?: (done: number) => void;
}

/** What came of it. */
export interface Killed {
  readonly asked: number;
  /** To the last byte. */
  readonly answered: number;
  /** By the death of the gateway. */
  readonly cut: number;
  /** Told to come back later: their engine was on its way down, or back up. */
  readonly later: number;
  /** Engines that ran when a gateway was killed and still did when the next one listened; and those that did not any more. */
  readonly adopted: number;
  readonly reaped: number;
  readonly starts: number;
  /** The most that ever ran at once of one engine, and of the two that have room for one. */
  readonly most: number;
  /** From the kill until the next gateway listened, all that ran looked after. Milliseconds. */
  readonly longest: number;
  readonly mistakes: readonly string[];
}

const CARD = { gpus: ["0"], vram: "20GiB" };

/** Engines that are loading, serving and stopping most of the time, two of them in turns. */
const ENGINES: SceneOptions["engines"] = {
  steady: { fake: { tokenDelay: 20 } },
  brief: { fake: { loadingTime: 200, stopDelay: 200 }, config: { idle_timeout: "150ms" } },
  left: { fake: { loadingTime: 100, tokenDelay: 5 }, config: CARD },
  right: { fake: { loadingTime: 100, tokenDelay: 5 }, config: CARD },
};

export const KILLS_SCENE: SceneOptions = {
  engines: ENGINES,
  fleet: { gpus: [{ id: 0, memory: "24GiB" }], max_swap_wait: "200ms", min_ready: "300ms", backoff: "200ms" },
};

/** Kills the gateway of a `KILLS_SCENE` again and again at random moments, and starts it again at once; ends it in peace at last. */
export async function killGateways(scene: Scene, { kills, random, tell }: Killing): Promise<Killed> {
  const counted = { asked: 0, answered: 0, cut: 0, later: 0, adopted: 0, reaped: 0, longest: 0 };
  const mistakes: string[] = [];
  let killed = 0;
  /** Changes when a gateway is about to be killed, and when it is dead: what breaks between is its death's. */
  let epoch = 0;
  let over = false;

  const askOnce = async (engine: string, stream: boolean) => {
    const before = epoch;
    const answer = await scene.ask(engine, { stream }).catch(codeOf);
    // Between two gateways nobody listens.
    if (answer === "ECONNREFUSED" || answer === "ConnectionRefused") return pause(20);
    counted.asked++;
    if ((typeof answer === "string" || answer.cut) && (epoch !== before || epoch % 2 === 1)) counted.cut++;
    else if (typeof answer === "string" || answer.cut) mistakes.push(`${engine} was cut without a kill: ${typeof answer === "string" ? answer : "no end"}`);
    else if (isWhole(answer)) counted.answered++;
    else if (answer.error.code === "engine_starting" || answer.error.code === "overloaded") {
      counted.later++;
      return pause(50);
    } else mistakes.push(`${engine}: ${answer.status} ${answer.error.code}: ${answer.error.message}`);
  };
  const client = async (engine: string, number: number) => {
    for (let turn = number; !over; turn++) {
      await askOnce(engine, turn % 2 === 0);
      // Long enough, now and then, for one to be idle.
      await pause(random() * (engine === "brief" ? 600 : 20));
    }
  };
  const clients = Object.keys(ENGINES).flatMap((engine) => [client(engine, 0), client(engine, 1)]);

  while (killed < kills) {
    await pause(50 + random() * 1500);
    killed++;
    epoch++;
    const at = performance.now();
    await scene.gateway.kill();
    epoch++;
    const ran = (await scene.running()).map(({ name }) => name);
    await scene.open();
    counted.longest = Math.max(counted.longest, performance.now() - at);
    const runs = new Set((await scene.running()).map(({ name }) => name));
    counted.adopted += ran.filter((name) => runs.has(name)).length;
    counted.reaped += ran.filter((name) => !runs.has(name)).length;
    tell?.(killed);
  }
  over = true;
  await Promise.all(clients);
  await scene.gateway.end();
  for (const { name } of await scene.running()) mistakes.push(`${name} was left behind`);
  const most = Math.max(...Object.keys(ENGINES).map((engine) => scene.mostOf(engine)), scene.mostOf("left", "right"));
  const starts = Object.keys(ENGINES).reduce((sum, engine) => sum + scene.starts(engine), 0);
  return { ...counted, starts, most, mistakes };
}

/** Why there was no answer, in a word. */
const codeOf = (error: unknown): string => (error instanceof Error && "code" in error ? String(error.code) : String(error));
