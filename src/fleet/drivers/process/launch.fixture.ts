import { testEngine } from "../../../vocabulary/engine.fixture.ts";
import type { EngineSpec } from "../../../vocabulary/engine.ts";
import type { Launch } from "../driver.ts";

/** A launch of a command that stands for an engine; it must say `{port}` somewhere. */
export function launchOf(command: readonly string[] | undefined, changes: Partial<Launch> = {}, of: Partial<EngineSpec> = {}): Launch {
  const spec = testEngine({ name: "tiny", model: "fake/tiny", command, hash: "hash", ...of });
  return { name: "signalbox-test-tiny-1", install: "test", generation: 1, spec, args: [], env: {}, gpus: [], ...changes };
}

/** A shell that does this; its port is an argument that it does not look at. */
export function shell(script: string): readonly string[] {
  return ["sh", "-c", script, "{port}"];
}
