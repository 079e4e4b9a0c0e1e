import type { EngineSpec } from "../../vocabulary/engine.ts";
import { type Argument, mergedArguments } from "./arguments.ts";
import type { Start } from "./vllm-arguments.ts";

const SAME = {
  "-m": "--model",
  "-hf": "--model",
  "-hfr": "--model",
  "--hf-repo": "--model",
  "-a": "--alias",
  "-c": "--ctx-size",
  "-np": "--parallel",
  "-ngl": "--n-gpu-layers",
  "--gpu-layers": "--n-gpu-layers",
  "--embeddings": "--embedding",
  "--rerank": "--reranking",
} as const;

/** All of them, however many there are. */
const ALL_LAYERS = "999";

/**
 * llama-server's arguments, as `vllmArguments`. Its context is shared out over the requests at once: each gets `max_model_len` of it. A model that is no
 * file is fetched from Hugging Face by its name there (`org/repo:Q4_K_M`). Both names are aliases: `/v1/models` has one as `id` and all as `aliases`;
 * builds before February 2026 have them as one `id` with a comma. Requests are answered whatever they call the model.
 */
export function llamaCppArguments({ spec, name, caps }: Start): string[] {
  const parallel = caps?.maxNumSeqs ?? spec.maxConcurrent;
  const length = caps?.maxModelLen ?? spec.maxModelLen;
  const ours: Argument[] = [
    { flag: isFile(spec.model) ? "-m" : "-hf", values: [spec.model] },
    { flag: "--alias", values: [`${spec.model},${name}`] },
    { flag: "--host", values: ["{host}"] },
    { flag: "--port", values: ["{port}"] },
    ...(length === undefined ? [] : [{ flag: "--ctx-size", values: [`${length * (parallel ?? 1)}`] }]),
    ...(parallel === undefined && length === undefined ? [] : [{ flag: "--parallel", values: [`${parallel ?? 1}`] }]),
    // By them it is told whether it gets on.
    { flag: "--metrics", values: [] },
    { flag: "--n-gpu-layers", values: [spec.gpus.length > 0 ? ALL_LAYERS : "0"] },
    ...byTask(spec),
  ];
  return mergedArguments(ours, spec.args, SAME);
}

const isFile = (model: string) => model.endsWith(".gguf") || model.startsWith("/") || model.startsWith("./");

function byTask({ task }: EngineSpec): Argument[] {
  switch (task) {
    case "chat":
      return [];
    case "embed":
      return [{ flag: "--embedding", values: [] }];
    case "rerank":
      return [{ flag: "--reranking", values: [] }];
    default:
      return task satisfies never;
  }
}
