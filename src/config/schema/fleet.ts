import { z } from "zod";
import { DRIVERS, ENGINE_TASKS } from "../../vocabulary/engine.ts";
import { address, DAYS, duration, flag, memorySize, oneOf, text, texts, timeOfDay, timeZone, wholeNumber } from "./fields.ts";
import { named, section } from "./sections.ts";

/** A GPU's id: `0`, `dgx/1`. Numbers are ids too. */
const gpuId = () => {
  const error = "expected the id of a GPU, such as 0.";
  return z.union([z.int({ error }).min(0, { error }), z.string({ error }).regex(/^[\w./-]+$/, { error })], { error }).transform(String);
};

const strings = (what: string) => z.record(z.string(), z.string({ error: `expected ${what}.` }), { error: `expected names with ${what}.` });

const engine = section({
  model: text("the model's name or path").describe("What it loads: a name at Hugging Face, or a path. Clients of a config without models call it so."),
  kind: text("a kind of provider").optional().describe("What it is: vllm, llama.cpp, openai-compatible. Left out: vllm."),
  task: oneOf(ENGINE_TASKS).default("chat").describe("What it is for: chat, embed or rerank. By it is judged whether it works."),
  driver: oneOf(DRIVERS).optional().describe("Who runs it. Left out: fleet.driver."),
  gpus: z.array(gpuId(), { error: "expected a list of GPUs, such as [0]." }).default([]).describe("The GPUs it runs on. None: it needs none."),
  vram: memorySize().optional().describe("Memory it takes on each of its GPUs. It is not started while less is free."),
  tensor_parallel: wholeNumber(1, 64).optional().describe("Over how many GPUs the model is split. Left out: as many as it has."),
  max_model_len: wholeNumber(1, 100_000_000).optional().describe("Tokens that prompt and answer may have together; longer prompts go elsewhere."),
  may_shorten: flag()
    .prefault(true)
    .describe("When its memory holds no prompt of that length: it is started with the longest that fits. false: it is not started."),
  max_concurrent: wholeNumber(1, 1_000_000).optional().describe("Most requests at once, those that wait for its start among them."),
  max_queue: wholeNumber(0, 1_000_000).prefault(0).describe("Most requests that wait for their turn when it is full."),
  idle_timeout: duration().prefault("30m").describe("It is stopped when nobody has asked for it for so long; 0s: never."),
  start_timeout: duration().prefault("60s").describe("Its start has failed when nothing happens for so long: no page answered, no line written."),
  preload: flag().prefault(false).describe("Started with the gateway, and kept up as long as the schedule allows it."),
  image: text().optional().describe("Docker: its image. Left out: fleet.docker.image."),
  command: texts().optional().describe("What is run, where that is not its image's own. {port}, {host}, {model} and {name} are filled in."),
  args: texts().default([]).describe("Added to its arguments; they win over ours."),
  env: strings("text").default({}).describe("Its environment."),
  volumes: texts().default([]).describe("Docker: binds, as /on/this/machine:/inside[:ro]."),
  node: text().optional().describe("Docker: the machine it runs on, by its name under fleet.nodes. Left out: as its GPUs say, else this one."),
  url: address().optional().describe("Static: where it is. Kubernetes: where it is called, if not at its Service."),
  workload: text().optional().describe("Kubernetes: its Deployment. Left out: the engine's name."),
});

const dockerHost = () => {
  const error = "expected unix:// and a path, or tcp:// and an address.";
  return z.string({ error }).regex(/^(unix:\/\/\/\S+|tcp:\/\/\S+)$/, { error });
};

const docker = section({
  host: dockerHost()
    .default("unix:///var/run/docker.sock")
    .describe("Where Docker listens: unix:///var/run/docker.sock, or tcp:// for a proxy that allows only what is needed."),
  image: text().default("vllm/vllm-openai:latest").describe("The image of engines that name none."),
  network: text().optional().describe("The network engines are in; nothing is published then, and they are called by name. Left out: a port of 127.0.0.1."),
  runtime: text().optional().describe("nvidia: for daemons that give GPUs by their runtime. Left out: by device requests."),
  pull: oneOf(["missing", "never"]).default("missing").describe("Is an image that is not there pulled?"),
  binds: texts().default([]).describe("Binds of all engines, such as /var/cache/huggingface:/root/.cache/huggingface."),
  publish_at: text("an address")
    .default("127.0.0.1")
    .describe("The address of Docker's machine at which engines are published, and called, without a network."),
  user: text().optional().describe("Whom engines run as: 1000:1000. Left out: as their image says."),
  memory: memorySize().optional().describe("The most of the machine's own memory that each engine may take."),
  shared_memory: memorySize().optional().describe("For engines over several GPUs. Left out: this machine's own is used (ipc: host)."),
});

const kubernetes = section({
  url: address().optional().describe("The API server. Left out: the cluster's own, as a pod is told."),
  namespace: text().optional().describe("Where its Deployments are. Left out: the pod's own."),
  patience: duration()
    .prefault("30s")
    .describe("So long a pod may be without a node, an image or a volume before its start is given up: clusters that add nodes need minutes."),
  token: text().optional().describe("For the API server. Left out: the pod's service account."),
});

const gpuList = (example: string) =>
  z.array(section({ id: gpuId().describe("What engines call it; nvidia-smi's number."), memory: memorySize().describe("Its memory.") }), {
    error: `expected ${example}.`,
  });

const node = section({
  name: text("a name of letters, digits, dashes and dots").describe("What its GPUs are called by: dgx/0."),
  host: dockerHost().describe("Where its Docker listens: tcp:// and an address, best behind a proxy and a tunnel."),
  publish_at: text("an address").describe("Its address, at which its engines are published and called."),
  gpus: gpuList("a list of GPUs, such as [{ id: 0, memory: 80GiB }]").default([]).describe("Its GPUs: nobody measures them from here."),
});

const window = section({
  name: text().describe("What it is called in plans and overrides."),
  from: timeOfDay().optional().describe("From this time of day: 02:00."),
  to: timeOfDay().optional().describe("Until this one; the next day's when it is not later."),
  days: z
    .array(oneOf(DAYS), { error: "expected a list of days, such as [mon, tue]." })
    .optional()
    .describe("On these days, on which it begins. Left out: every day."),
  otherwise: flag().optional().describe("The window of all other times."),
  engines: texts().default([]).describe("Engines that may run in it. One that stands in no window may always run."),
  preload: texts().default([]).describe("Those of them that are started when it opens; the others when they are asked for."),
});

const schedule = section({
  timezone: timeZone().optional().describe("Of this time zone: Europe/Moscow. Left out: this machine's."),
  windows: z.array(window, { error: "expected a list of windows." }).default([]).describe("Which engines may run when; the first that is open counts."),
  lead: duration().prefault("0s").describe("So long before a window closes its engines begin nothing new: about as long as long answers take."),
  drain: duration().prefault("5m").describe("So long what a window's engines have begun may go on once it has closed."),
});

/** `fleet`. */
export const fleet = section({
  driver: oneOf(DRIVERS)
    .default("docker")
    .describe("Who runs engines: docker, process, kubernetes; static: they run already; simulated: there are none, to try a config with."),
  docker: docker.prefault({}).describe("How engines are run in Docker."),
  kubernetes: kubernetes.prefault({}).describe("How engines are run in Kubernetes."),
  gpus: z
    .union([z.literal("auto"), gpuList("auto, or a list of GPUs, such as [{ id: 0, memory: 24GiB }]")])
    .default("auto")
    .describe("The GPUs of this machine. auto: as nvidia-smi tells."),
  nodes: z.array(node, { error: "expected a list of nodes." }).default([]).describe("Other machines whose Docker runs engines too, on GPUs called dgx/0."),
  engines: named(engine).default({}).describe("Engines to run, by a name of your choice."),
  schedule: schedule.prefault({}).describe("Which engines may run when."),
  address: address()
    .optional()
    .describe(
      "Several gateways over one PostgreSQL: where the others reach this one while it looks after the engines. Left out: this machine's name and port.",
    ),
  on_exit: oneOf(["stop", "keep"]).default("stop").describe("What becomes of engines when Signalbox stops: kept ones are found again at the next start."),
  max_wait: duration().prefault("15m").describe("Longest wait of a request for an engine that is not up."),
  max_swap_wait: duration()
    .prefault("20s")
    .describe("A request waits so long for an engine whose memory a busy one has; then that one finishes what it has begun and goes."),
  min_ready: duration().prefault("60s").describe("So long an engine in use is left in peace once it is up."),
  drain: duration().prefault("5m").describe("So long an engine that is to stop may finish what it has begun."),
  silence: duration().prefault("30s").describe("When requests of an engine get nothing for so long, it is looked at whether it hangs."),
  backoff: duration().prefault("10s").describe("The wait after an engine's first failure; twice as long after each in a row, up to five minutes."),
});
