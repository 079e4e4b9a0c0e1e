import { expect, test } from "bun:test";
import type { DeploymentGauge } from "./deployment-gauges.ts";
import { createMetrics } from "./metrics.ts";

test("deployments have a series each while they are in force, and none afterwards", async () => {
  let deployments: DeploymentGauge[] = [
    { deployment: "a", circuit: "open", queued: 2, inFlight: 3 },
    { deployment: "b", circuit: "half_open", queued: 0, inFlight: 1 },
    { deployment: "c", circuit: "closed", queued: 0, inFlight: 0 },
  ];
  const metrics = createMetrics({ knownModel: () => true, knownDeployment: () => true, deployments: () => deployments });
  const series = async () => (await metrics.text()).split("\n").filter((line) => line.includes("{deployment="));
  expect(await series()).toEqual([
    'circuit_breaker_state{deployment="a"} 2',
    'circuit_breaker_state{deployment="b"} 1',
    'circuit_breaker_state{deployment="c"} 0',
    'llm_queue_depth{deployment="a"} 2',
    'llm_queue_depth{deployment="b"} 0',
    'llm_queue_depth{deployment="c"} 0',
    'llm_deployment_in_flight{deployment="a"} 3',
    'llm_deployment_in_flight{deployment="b"} 1',
    'llm_deployment_in_flight{deployment="c"} 0',
  ]);
  deployments = [];
  expect(await series()).toEqual([]);
});
