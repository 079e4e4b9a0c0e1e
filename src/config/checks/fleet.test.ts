import { expect, test } from "bun:test";
import { PROVIDERS, profileFor, serviceFor } from "../../providers/index.ts";
import { loadConfig } from "../file/load.ts";
import { ConfigError, problemText } from "../file/problem.ts";
import type { CheckFleet } from "../fleet-check.ts";
import { initialSnapshot } from "../snapshot/snapshot.ts";

const KINDS = PROVIDERS.map(({ kind }) => kind);

/** What is told of a config: problems that stop it, or else notices, as lines. */
function toldOf(text: string, checkFleet?: CheckFleet): { readonly problems: readonly string[]; readonly notices: readonly string[] } {
  const loaded = loadConfig({ variables: {}, kinds: KINDS, readFile: () => text, exists: (path) => path === "signalbox.yaml" });
  try {
    return { problems: [], notices: initialSnapshot(loaded, { kinds: PROVIDERS, serviceFor, profileFor, checkFleet }).snapshot.notices };
  } catch (error) {
    if (error instanceof ConfigError) return { problems: error.problems.map(problemText), notices: [] };
    throw error;
  }
}

const fleet = (engine: string, more = "") =>
  `fleet:\n  gpus: [{ id: 0, memory: 24GiB }, { id: 1, memory: 16GiB }]\n  engines:\n    a: { model: m${engine} }\n${more}`;
const window = (text: string) => fleet("", `  schedule:\n    windows:\n      - { name: night, engines: [a]${text} }\n`);

const WRONG: readonly [what: string, text: string, problem: string][] = [
  [
    "one that runs nobody knows where",
    fleet(", driver: static"),
    "signalbox.yaml:4:8 fleet.engines.a: runs already, and has no url. Give it url: where it is called, such as http://10.0.0.5:8000/v1.",
  ],
  [
    "a process of no command",
    fleet(", driver: process"),
    'signalbox.yaml:4:8 fleet.engines.a: is to be run as a process, and has no command. Give it command, such as [vllm, serve, "{model}"].',
  ],
  ["a GPU that is not there", fleet(", gpus: [0, 2], vram: 8GiB"), "signalbox.yaml:4:30 fleet.engines.a.gpus[1]: there is no GPU 2. fleet.gpus has 0, 1."],
  [
    "what fits on no GPU",
    fleet(", gpus: [0, 1], vram: 20GiB"),
    "signalbox.yaml:4:40 fleet.engines.a.vram: 20 GiB is more than GPU 1 has: 16 GiB. Give it less, or a larger GPU; split it with another one.",
  ],
  [
    "what fits on no GPU of another machine",
    `fleet:\n  nodes: [{ name: dgx, host: "tcp://dgx:2375", publish_at: dgx, gpus: [{ id: 0, memory: 80GiB }] }]\n  engines:\n    a: { model: m, gpus: [dgx/0], vram: 90GiB }\n`,
    "signalbox.yaml:4:41 fleet.engines.a.vram: 90 GiB is more than GPU dgx/0 has: 80 GiB. Give it less, or a larger GPU; split it with another one.",
  ],
  [
    "a GPU that another machine has not",
    `fleet:\n  nodes: [{ name: dgx, host: "tcp://dgx:2375", publish_at: dgx, gpus: [{ id: 0, memory: 80GiB }] }]\n  engines:\n    a: { model: m, gpus: [dgx/1], vram: 8GiB }\n`,
    "signalbox.yaml:4:27 fleet.engines.a.gpus[0]: there is no GPU dgx/1. the node dgx has dgx/0.",
  ],
  ...["--served-model-name", "--port", "--host=0.0.0.0", "--served_model_name"].map((flag): [string, string, string] => [
    `the argument ${flag}`,
    fleet(`, args: [--enforce-eager, "${flag}"]`),
    `signalbox.yaml:4:44 fleet.engines.a.args[1]: ${(flag.split("=")[0] ?? "").replaceAll("_", "-")} is given by Signalbox, which would not find the engine with another. Remove it.`,
  ]),
  ["a window that never ends", window(', from: "02:00"'), "signalbox.yaml:7:9 fleet.schedule.windows[0]: has from without to. Say when it ends."],
  ["a window that never begins", window(', to: "02:00"'), "signalbox.yaml:7:9 fleet.schedule.windows[0]: has to without from. Say when it begins."],
  ["a window of no hours", window(""), "signalbox.yaml:7:9 fleet.schedule.windows[0]: has no hours. Give it from and to, or otherwise: true."],
  [
    "a window of hours and of all others",
    window(', from: "02:00", to: "06:00", otherwise: true'),
    "signalbox.yaml:7:77 fleet.schedule.windows[0].otherwise: stands beside hours. Leave out otherwise, or from and to.",
  ],
  [
    "days of a window of all other hours",
    window(", otherwise: true, days: [mon]"),
    "signalbox.yaml:7:61 fleet.schedule.windows[0].days: say nothing of a window that is otherwise. Leave out days, or give it from and to.",
  ],
];
test.each(WRONG)("%s is told with place and fix", (_what, text, problem) => {
  expect(toldOf(text).problems).toEqual([problem]);
});

const ODD: readonly [what: string, text: string, notice: string][] = [
  [
    "memory of no GPU",
    fleet(", vram: 8GiB"),
    "signalbox.yaml:4:26 fleet.engines.a.vram: is counted nowhere: this engine has no gpus. Give it gpus, such as [0], or leave out vram.",
  ],
  [
    "GPUs, and nobody knows how much of them",
    fleet(", gpus: [0]"),
    "signalbox.yaml:4:26 fleet.engines.a.gpus: how much of their memory it takes is not known, and not counted: others may be started beside it. Give it vram.",
  ],
];
test.each(ODD)("%s is no reason not to start, and is told", (_what, text, notice) => {
  expect(toldOf(text)).toEqual({ problems: [], notices: [notice] });
});

const FINE: readonly [what: string, text: string][] = [
  ["an engine of no GPU", fleet("")],
  ["a static one with its url, whatever its memory", fleet(", driver: static, url: http://h/v1, gpus: [7], vram: 80GiB")],
  ["a port that llama.cpp is given", fleet(", driver: process, kind: llama.cpp, command: [llama-server], args: [--port, '1']")],
  ["GPUs that nvidia-smi is to tell of", fleet(", gpus: [3], vram: 80GiB").replace(/gpus: \[\{.*\n/, "gpus: auto\n")],
];
test.each(FINE)("nothing is told of it: %s", (_what, text) => {
  expect(toldOf(text)).toEqual({ problems: [], notices: [] });
});

test("what the fleet finds in a calendar is told with its place, where each window has its hours", () => {
  const path = ["fleet", "schedule", "windows", 0, "engines", 0];
  const check: CheckFleet = () => [
    { kind: "problem", path, message: "is wrong.", fix: "Mend it." },
    { kind: "notice", path, message: "is odd.", fix: "Look at it." },
  ];
  const odd: CheckFleet = (fleet) => check(fleet).slice(1);
  const sound = window(", otherwise: true");
  expect(toldOf(sound, check).problems).toEqual(["signalbox.yaml:7:34 fleet.schedule.windows[0].engines[0]: is wrong. Mend it."]);
  expect(toldOf(sound, odd).notices).toEqual(["signalbox.yaml:7:34 fleet.schedule.windows[0].engines[0]: is odd. Look at it."]);
  expect(toldOf(window(""), check).problems.length).toBe(1);
});
