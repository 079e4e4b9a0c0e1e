import type { EngineSpec } from "../../vocabulary/engine.ts";
import { argumentOf } from "../engines/arguments.ts";
import type { Caps } from "./caps.ts";
import { type Fit, fit } from "./fit.ts";
import type { ModelShape } from "./shape/model-shape.ts";

/** Whether an engine fits as the config describes it, its own arguments and what was learnt of it included. `shape` is that of its model. */
export function engineFit(spec: EngineSpec, shape: ModelShape, caps: Caps | undefined): Fit {
  const own = (flag: string) => argumentOf(spec.args, flag);
  const number = (flag: string) => Number(own(flag)) || undefined;
  return fit(inCache(shape, own("--kv-cache-dtype")), {
    model: spec.model,
    vram: spec.vram,
    tensorParallel: spec.tensorParallel,
    maxModelLen: number("--max-model-len") ?? caps?.maxModelLen ?? spec.maxModelLen,
    sequences: number("--max-num-seqs") ?? caps?.maxNumSeqs ?? spec.maxConcurrent,
    batchedTokens: number("--max-num-batched-tokens"),
    eager: own("--enforce-eager") !== undefined,
  });
}

/** With its cache in 8 bits where it is told so. */
function inCache(shape: ModelShape, dtype: string | undefined): ModelShape {
  if (shape.cache === undefined || dtype === undefined || !/fp8|int8/.test(dtype)) return shape;
  return { ...shape, cache: { ...shape.cache, bytesPerValue: 1 } };
}
