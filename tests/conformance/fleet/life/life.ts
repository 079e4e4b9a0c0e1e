import { afterAll, beforeAll, describe, test } from "bun:test";
import { COMING } from "./cases/coming.ts";
import { ENDING } from "./cases/ending.ts";
import { FAILING } from "./cases/failing.ts";
import { KILLED } from "./cases/killed.ts";
import { SHARING } from "./cases/sharing.ts";
import type { LifeHouse } from "./house.ts";
import type { LifeCase } from "./life-case.ts";
import { openScene, type Scene, type SceneEngine } from "./scene.ts";

/** Starts of processes and containers on a busy machine; nothing is asserted by it. Milliseconds. */
const PATIENCE = 120_000;

/**
 * The life of engines behind a whole gateway, asked over HTTP: the same in every house. Cases that need nothing of the gateway but an engine of
 * their own share one; all run at once, as what they wait for is time.
 */
export function describeLife(name: string, make: () => Promise<LifeHouse>): void {
  describe(`engines of ${name}`, () => {
    let house: LifeHouse;
    let shared: Scene;
    const cases = [...COMING, ...FAILING, ...SHARING, ...ENDING, ...KILLED];
    const alone = cases.filter((one) => one.type === "alone");
    const together = cases.filter((one) => one.type === "shared");
    beforeAll(async () => {
      house = await make();
      const engines: Record<string, SceneEngine> = Object.assign({}, ...together.map((one) => one.engines(house)));
      const gpus = together.flatMap((one) => one.gpus ?? []).map((id) => ({ id, memory: "24GiB" }));
      const models = Object.assign({}, ...together.map((one) => one.models ?? {}));
      shared = await openScene(house, { engines, fleet: { gpus }, config: { models } });
    }, PATIENCE);
    afterAll(async () => {
      await shared.close();
      await house.close();
    }, PATIENCE);
    for (const one of together) test.concurrent(one.what, () => one.play(shared, house), PATIENCE);
    for (const one of alone) test.concurrent(one.what, () => inScenes(house, one), PATIENCE);
  });
}

/** Whatever a case opens is closed when it ends. */
async function inScenes(house: LifeHouse, one: Extract<LifeCase, { type: "alone" }>): Promise<void> {
  const scenes: Scene[] = [];
  const open = async (options: Parameters<typeof openScene>[1]) => {
    const scene = await openScene(house, options);
    scenes.push(scene);
    return scene;
  };
  try {
    await one.play(open, house);
  } finally {
    for (const scene of scenes) await scene.close();
  }
}
