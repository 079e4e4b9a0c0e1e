/** The demo's engines, in the config's words: two GPUs that are none, of which one engine fills both, and a day and a night. */
export const DEMO_FLEET = {
  driver: "simulated",
  gpus: [
    { id: 0, memory: "24GiB" },
    { id: 1, memory: "24GiB" },
  ],
  engines: {
    llama_0: { model: "demo-llama", gpus: [0], vram: "18GiB", max_model_len: 32_768, max_concurrent: 3, max_queue: 8, idle_timeout: "5m" },
    llama_1: { model: "demo-llama", gpus: [1], vram: "18GiB", max_model_len: 8192, max_concurrent: 6, max_queue: 8, idle_timeout: "5m" },
    large_dual: { model: "demo-large", gpus: [0, 1], tensor_parallel: 2, vram: "22GiB", max_concurrent: 2, max_queue: 8, idle_timeout: "5m" },
  },
  // The first runs at any hour: there is always something to try.
  schedule: {
    windows: [
      { name: "night", from: "02:00", to: "06:00", engines: ["large_dual"] },
      { name: "day", otherwise: true, engines: ["llama_1"] },
    ],
  },
};

/** What clients call them. */
export const DEMO_ENGINE_MODELS = {
  "demo-llama": { strategy: "least_busy", deployments: [{ engine: "llama_0" }, { engine: "llama_1" }] },
  "demo-large": { deployments: [{ engine: "large_dual" }] },
};
