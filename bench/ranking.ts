import { createRanking } from "../src/routing/rank.ts";
import { testPrompt } from "../src/routing/standing.fixture.ts";
import type { Standing } from "../src/routing/standing.ts";
import { systemClock } from "../src/vocabulary/clock.ts";
import type { Deployment } from "../src/vocabulary/deployment.ts";
import { testDeployment, testModel } from "../src/vocabulary/model.fixture.ts";
import { STRATEGIES, type StrategyName } from "../src/vocabulary/model.ts";
import { testTariff } from "../src/vocabulary/price.fixture.ts";
import { seeded } from "../src/vocabulary/seeded.fixture.ts";

/** What a ranking costs, warm, by strategy and number of deployments: `bun bench/ranking.ts`. Microseconds of CPU, the least of several rounds. */

const ROUNDS = 10;
const TIMES = 20_000;
const COUNTS = [1, 3, 50];

function microseconds(strategy: StrategyName, count: number, told: boolean): number {
  const random = seeded(1);
  const ids = Array.from({ length: count }, (_, index) => `service-${index}/model`);
  const deployments = ids.map((id, index) => testDeployment(id, { weight: 1 + (index % 3), price: testTariff({ input: 1 + (index % 5), output: 9 }) }));
  let slots = 0;
  const standing = ({ service }: Deployment): Standing => ({
    slot: slots++,
    inFlight: Math.floor(random() * 5),
    queued: 0,
    pace: { firstToken: 900 * random(), perToken: 10 * random(), answerTokens: 300, answers: 1000, since: -1e9 },
    hitRate: random(),
    tokenFactor: 1.1,
    isPlain: true,
    resting: () => undefined,
    usedUp: () => undefined,
    nextKey: () => service.keys[0],
  });
  const standings = { of: standing, forgotten: 0, alarms: 0, calls: Int32Array.from(deployments, () => random() * 5) }; // each is looked up once
  const { rank } = createRanking({ standings, instead: () => [], clock: systemClock, random });
  const model = testModel("m", deployments, { strategy });
  const ask = { operation: "chat", dialect: "openai-chat", prompt: testPrompt({ tokens: 1000, text: "Be kind. ".repeat(450) }) } as const;
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    for (let time = 0; time < TIMES; time++) {
      const ranking = rank(model, ask);
      if (ranking.targets.length === 0 || (told && ranking.candidates.length === 0)) throw new Error("somebody is missing");
    }
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / TIMES);
  }
  return least;
}

const heads = COUNTS.flatMap((count) => [String(count), `${count}, told`]);
process.stdout.write(`${["".padEnd(12), ...heads.map((head) => head.padStart(9))].join("")}\n`);
for (const strategy of STRATEGIES) {
  const costs = COUNTS.flatMap((count) => [microseconds(strategy, count, false), microseconds(strategy, count, true)]);
  process.stdout.write(`${[strategy.padEnd(12), ...costs.map((cost) => cost.toFixed(2).padStart(9))].join("")}\n`);
}
