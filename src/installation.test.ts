import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { install, KINDS } from "./installation.ts";
import { upstreamClient } from "./upstream/client.ts";
import { probeOver } from "./upstream/probe.ts";

const probe = probeOver(upstreamClient());
/** A provider whose list of models comes when the test lets it. */
const lists: (() => void)[] = [];
const provider = createServer((_request, response) => {
  lists.push(() => response.setHeader("content-type", "application/json").end('{"data":[{"id":"listed"}]}'));
});
const folder = mkdtempSync(join(tmpdir(), "signalbox-installation-"));
const file = join(folder, "signalbox.yaml");
let providers: object;
beforeAll(async () => {
  await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
  providers = { up: { kind: "openai-compatible", base_url: `http://127.0.0.1:${(provider.address() as AddressInfo).port}/v1` } };
});
afterAll(() => {
  provider.close();
  rmSync(folder, { recursive: true, force: true });
});
const write = (config: object) => writeFileSync(file, JSON.stringify({ providers, ...config }));
const named = (name: string) => ({ models: { [name]: { deployments: [{ provider: "up", model: name }] } } });
const asked = async (count: number) => {
  while (lists.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
};

test("of two reloads at once the later file is in force, however long the earlier one took", async () => {
  write(named("first"));
  const installation = install({ file, variables: {}, overrides: [], kinds: KINDS }, probe);
  expect([...installation.current().models.byName.keys()]).toEqual(["first"]);
  write({});
  const slow = installation.reload();
  await asked(1);
  write(named("last"));
  const quick = installation.reload();
  // Long enough for a reload that does not wait for its turn.
  await Promise.race([quick, new Promise((resolve) => setTimeout(resolve, 50))]);
  lists[0]?.();
  await Promise.all([slow, quick]);
  expect([...installation.current().models.byName.keys()]).toEqual(["last"]);
});

test("a reload that is refused neither changes anything nor stands in the way of the next", async () => {
  write(named("good"));
  const installation = install({ file, variables: {}, overrides: [], kinds: KINDS }, probe);
  write({ modles: {} });
  await expect(installation.reload()).rejects.toThrow("modles");
  expect([...installation.current().models.byName.keys()]).toEqual(["good"]);
  write(named("better"));
  await installation.reload();
  expect([...installation.current().models.byName.keys()]).toEqual(["better"]);
});
