import { expect, test } from "bun:test";
import { loadConfig } from "../../config/file/load.ts";
import { initialSnapshot } from "../../config/snapshot/snapshot.ts";
import { BOOK, KINDS } from "../installation.ts";

/** Two engines, and what the windows say of them. */
const config = (engines: string, preload: string) => `fleet:
  gpus: [{ id: 0, memory: 24GiB }]
  engines:
    a: { model: m, gpus: [0], vram: 20GiB }
    b: { model: m, gpus: [0], vram: 10GiB }
  schedule:
    windows:
      - { name: day, otherwise: true, engines: ${engines}, preload: ${preload} }
`;
const snapshotOf = (text: string) =>
  initialSnapshot(loadConfig({ variables: {}, kinds: KINDS, readFile: () => text, exists: (path) => path === "signalbox.yaml" }), BOOK).snapshot;

test("a calendar is looked at when its config is: problems stop it, all else is told", () => {
  expect(() => snapshotOf(config("[a, bb]", "[]"))).toThrow(
    "signalbox.yaml:8:52 fleet.schedule.windows[0].engines[1]: there is no engine named bb. Did you mean b?",
  );
  expect(snapshotOf(config("[a, b]", "[a, b]")).notices).toEqual([
    "signalbox.yaml:8:65 fleet.schedule.windows[0].preload: what day starts does not fit: GPU 0: a 20 GiB + b 10 GiB = 30 GiB of 24 GiB. Take some out of preload: they are started when they are called, and there is room.",
  ]);
  expect(snapshotOf(config("[a, b]", "[a]")).notices).toEqual([]);
});
