import { describe } from "bun:test";
import { processHouse } from "./houses/processes.ts";
import { describeLife } from "./life.ts";

describe.skipIf(process.platform !== "linux")("gateways and engines as processes (Linux: /proc)", () => {
  describeLife("the process driver", async () => processHouse());
});
