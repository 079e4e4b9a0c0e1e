/**
 * Kills a gateway whose engines come and go at as many random moments as `KILLS` says, from the seed `SEED`, over processes and over a real Docker
 * Engine; writes docs/campaigns/fleet-<date>.md.
 */
import { seeded } from "../../../../src/vocabulary/seeded.fixture.ts";
import { endCampaign } from "../../../harness/campaign-page.ts";
import { whyNoDocker } from "../../../harness/docker.ts";
import type { LifeHouse } from "./house.ts";
import { dockerHouse } from "./houses/docker.ts";
import { processHouse } from "./houses/processes.ts";
import { KILLS_SCENE, killGateways } from "./kills.ts";
import { openScene } from "./scene.ts";

const KILLS = Number(process.env["KILLS"] ?? 100);
const SEED = Number(process.env["SEED"] ?? 1);

const mistakes: string[] = [];
const rows: string[] = [];

async function campaignOver(driver: string, house: LifeHouse): Promise<void> {
  const began = performance.now();
  const scene = await openScene(house, KILLS_SCENE);
  const tell = (done: number) => void (done % 10 === 0 && console.log(`${driver}: killed ${done} times of ${KILLS}`));
  const killed = await killGateways(scene, { kills: KILLS, random: seeded(SEED), tell });
  const { asked, answered, cut, later, starts, adopted, reaped, most, longest } = killed;
  const seconds = Math.round((performance.now() - began) / 1000);
  rows.push(
    `| ${driver} | ${asked} | ${answered} | ${cut} | ${later} | ${starts} | ${adopted} | ${reaped} | ${most} | ${(longest / 1000).toFixed(1)} s | ${seconds} |`,
  );
  if (most !== 1) mistakes.push(`- ${driver}: ${most} of one engine ran at once`);
  mistakes.push(...killed.mistakes.map((mistake) => `- ${driver}: ${mistake}`));
  console.log(rows.at(-1), killed.mistakes);
  await scene.close();
  await house.close();
}

await campaignOver("process", processHouse());
const why = whyNoDocker();
if (why === undefined) await campaignOver("docker", await dockerHouse());
else mistakes.push(`- docker: ${why}`);

endCampaign({
  name: "fleet",
  title: "Killed while engines come and go",
  text: `Written by \`npm run campaign -- fleet\`. A gateway with four engines and eight clients who ask without a pause, whole and streamed: one engine serves all the
while, one is stopped whenever it is idle for 150 ms, and two that do not fit together on one GPU take turns. The gateway is ended by SIGKILL ${KILLS} times, 50 to
1,550 ms after it has begun to listen (seed ${SEED}), and started again at once over the same folder: over the process driver, and over a real Docker Engine.
At last it is ended by SIGTERM.

What is held against it: a second process or container of one engine at any time, looked for every 50 ms by what the machine itself shows, and of the two that take
turns both at once; an engine that is left behind at the end; an answer that broke off without a kill; a refusal that does not say when to ask again.

| driver | asked | answered | cut by a kill | told to come later | starts of engines | adopted | gone before the next listened | most of one at once | longest from kill to listening | seconds |
|---|---|---|---|---|---|---|---|---|---|---|
${rows.join("\n")}

Adopted are engines that ran when a gateway was killed and still did when the next one listened, which it does once it has looked after all of them. The longest
includes the start of the gateway itself.`,
  mistakes,
});
