import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { listOf, objectOf, stringOf } from "../../../src/vocabulary/json.ts";
import { type DockerEngine, startDockerEngine, whyNoDocker } from "../../harness/docker.ts";
import { type GatewayProcess, startGateway } from "../../harness/gateway.ts";

/** Engines of one gateway on two machines: here two Docker Engines that know nothing of each other. */
const why = whyNoDocker();
/** GPUs are given by a runtime that gives none: there are none here. */
const NO_GPUS = "--add-runtime=nvidia=runc";

describe.skipIf(why !== undefined)(`two machines${why === undefined ? "" : `, ${why}`}`, () => {
  let here: DockerEngine;
  let there: DockerEngine;
  let gateway: GatewayProcess;
  beforeAll(async () => {
    [here, there] = await Promise.all([startDockerEngine(NO_GPUS), startDockerEngine(NO_GPUS)]);
    const fleet = {
      docker: { host: here.host, image: here.image, binds: here.binds, runtime: "nvidia", pull: "never" },
      nodes: [
        {
          name: "dgx",
          host: there.host,
          publish_at: "127.0.0.1",
          gpus: [
            { id: 0, memory: "80GiB" },
            { id: 1, memory: "80GiB" },
          ],
        },
      ],
      gpus: [{ id: 0, memory: "24GiB" }],
      engines: {
        small: { model: "small", gpus: [0], vram: "20GiB" },
        large: { model: "large", gpus: ["dgx/0", "dgx/1"], vram: "70GiB" },
      },
    };
    gateway = await startGateway({ config: { fleet } });
  }, 60_000);
  afterAll(async () => {
    await gateway?.end();
    await gateway?.stop();
    await Promise.all([here?.remove(), there?.remove()]);
  }, 60_000);

  const ask = async (model: string) => {
    const headers = { authorization: `Bearer ${gateway.key}`, "content-type": "application/json" };
    const body = JSON.stringify({ model, messages: [{ role: "user", content: "hi" }] });
    const reply = await fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", headers, body });
    return { status: reply.status, deployment: reply.headers.get("x-signalbox-deployment"), text: await reply.text() };
  };
  /** Engines that a Docker Engine runs. */
  const runningAt = async ({ ask: call }: DockerEngine) => {
    const { body } = await call("GET", "/containers/json");
    return listOf(body).map((each) => stringOf(objectOf(objectOf(each)["Labels"])["signalbox.engine"]));
  };

  test("each runs where its GPUs are, and is called there", async () => {
    const answers = await Promise.all([ask("small"), ask("large")]);
    expect(answers).toMatchObject([
      { status: 200, deployment: "small" },
      { status: 200, deployment: "large" },
    ]);
    expect([await runningAt(here), await runningAt(there)]).toEqual([["small"], ["large"]]);
  }, 60_000);
});
