import { describe, expect, test } from "bun:test";
import { PROVIDERS, profileFor, serviceFor } from "../../providers/index.ts";
import type { Model } from "../../vocabulary/model.ts";
import { loadConfig } from "../file/load.ts";
import { ConfigError, problemText } from "../file/problem.ts";
import { initialSnapshot } from "./snapshot.ts";

const BOOK = { kinds: PROVIDERS, serviceFor, profileFor };

/** What is in force, or what is wrong. */
function resolved(text: string): { readonly models: ReadonlyMap<string, Model>; readonly complete: boolean } | string[] {
  const loaded = loadConfig({ variables: {}, kinds: PROVIDERS.map(({ kind }) => kind), readFile: () => text, exists: (path) => path === "signalbox.yaml" });
  try {
    const { snapshot, complete } = initialSnapshot(loaded, BOOK);
    return { models: snapshot.models, complete };
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(problemText);
    throw error;
  }
}

const models = (text: string) => {
  const found = resolved(text);
  if (Array.isArray(found)) throw new Error(found.join("\n"));
  return found.models;
};

describe("engines of the config", () => {
  test("are models by what they load, without any word more, and nobody looks around for others", () => {
    const found = resolved("fleet: { engines: { a: { model: org/tiny, max_concurrent: 3, max_model_len: 4096 }, b: { model: org/tiny } } }");
    if (Array.isArray(found)) throw new Error(found.join());
    expect(found.complete).toBe(true);
    expect([...found.models.keys()]).toEqual(["org/tiny"]);
    const [a, b] = found.models.get("org/tiny")?.deployments ?? [];
    expect(a).toMatchObject({ id: "a", engine: "a", model: "org/tiny", gpus: 0, contextWindow: 4096, limits: { maxConcurrent: 3, maxQueue: 0 } });
    expect(b).toMatchObject({ id: "b", engine: "b", contextWindow: undefined, limits: { maxConcurrent: undefined, maxQueue: 0 } });
    expect([a?.service.kind, a?.service.local, a?.service.check]).toEqual(["vllm", true, undefined]);
  });

  test("stand in models beside others' deployments, with tags, tiers and prices of their own there", () => {
    const all = models(`
providers: { openai: { api_key: k } }
models:
  llama:
    deployments:
      - { engine: a, tags: [long-context], weight: 3, price: { per_gpu_second: 0.0005 } }
      - { provider: openai, model: gpt-4o-mini, priority: 1 }
fleet: { engines: { a: { model: org/tiny, gpus: [0, 1], vram: 20GiB }, spare: { model: org/spare } } }
`);
    expect([...all.keys()]).toEqual(["llama", "org/spare"]);
    const [engine, other] = all.get("llama")?.deployments ?? [];
    expect(engine).toMatchObject({ id: "a", engine: "a", gpus: 2, tags: ["long-context"], weight: 3, price: { prices: [{ gpuSecond: 500_000 }] } });
    expect([other?.engine, other?.tier]).toEqual([undefined, 1]);
  });

  test.each([
    ["chat", ["chat", "completions"]],
    ["embed", ["embeddings"]],
    ["rerank", ["rerank"]],
  ])("that %s can be asked for %p", (task, operations) => {
    const deployment = models(`fleet: { engines: { a: { model: m, task: ${task} } } }`).get("m")?.deployments[0];
    expect(Object.keys(deployment?.service.routes ?? {})).toEqual(operations);
  });

  test.each([
    ["a name that is a provider's", "providers: { vllm: { base_url: 'http://x' } }\nfleet: { engines: { vllm: { model: m } } }", "vllm is already a provider"],
    ["a kind that is none", "fleet: { engines: { a: { model: m, kind: vlm } } }", "vlm is no kind of engine. Use vllm, llama.cpp or openai-compatible."],
    [
      "an engine that is not there",
      "models: { m: { deployments: [{ engine: lama }] } }\nfleet: { engines: { llama: { model: m } } }",
      "there is no engine named lama. Did you mean llama?",
    ],
    [
      "one engine twice",
      "models: { m: { deployments: [{ engine: a }, { engine: a, tags: [b] }] } }\nfleet: { engines: { a: { model: m } } }",
      "stands there already",
    ],
    [
      "a limit that is the engine's",
      "models: { m: { deployments: [{ engine: a, max_concurrent: 2 }] } }\nfleet: { engines: { a: { model: m } } }",
      "is the engine's own. Set fleet.engines.a.max_concurrent.",
    ],
    [
      "an engine and a provider",
      "models: { m: { deployments: [{ engine: a, provider: x, model: y }] } }\nfleet: { engines: { a: { model: m } } }",
      "Remove provider and model",
    ],
    [
      "GPUs of two machines",
      "fleet: { nodes: [{ name: n, host: 'tcp://n:1', publish_at: n, gpus: [{ id: 0, memory: 24GiB }] }], engines: { a: { model: m, gpus: [0, n/0] } } }",
      "are those of several machines",
    ],
    [
      "a machine that is not there",
      "fleet: { nodes: [{ name: dgx, host: 'tcp://n:1', publish_at: n }], engines: { a: { model: m, gpus: [dg/0] } } }",
      "there is no node named dg. Did you mean dgx?",
    ],
  ])("%s", (_what, text, problem) => {
    expect(resolved(text)).toEqual([expect.stringContaining(problem)]);
  });
});
