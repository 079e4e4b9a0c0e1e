import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { DriverEvent } from "../../../../src/fleet/drivers/driver.ts";
import { startDockerEngine, whyNoDocker } from "../../../harness/docker.ts";
import { until } from "../../../harness/until.ts";
import { clear, dockerDriver, dockerLaunch, failureOf, run } from "./docker-house.ts";

const PAGE = readFileSync(join(import.meta.dir, "..", "..", "..", "..", "docs", "engines-in-docker.md"), "utf8");
/** The calls that the page says there are. */
const ALLOWED = [...PAGE.matchAll(/^\| `((?:GET|POST|DELETE) \/\S+)` \|/gm)].map(([, call = ""]) => ({
  call,
  pattern: new RegExp(`^${call.replace("{id}", "[^/]+")}$`),
}));

test("the page names ten calls", () => {
  expect(ALLOWED).toHaveLength(10);
});

/** Runs the work with a proxy before a Docker that lets only those calls through; it notes which came. */
async function withProxy(socketPath: string, work: (proxy: { readonly host: string; readonly came: ReadonlySet<string> }) => Promise<void>): Promise<void> {
  const came = new Set<string>();
  const server = createServer((asked, answer) => {
    const path = (asked.url ?? "").replace(/^\/v[\d.]+(?=\/)/, "").split("?")[0];
    const allowed = ALLOWED.find(({ pattern }) => pattern.test(`${asked.method} ${path}`));
    came.add(allowed?.call ?? `${asked.method} ${path}`);
    if (allowed === undefined) return void answer.writeHead(403).end();
    const passed = request({ socketPath, method: asked.method, path: asked.url, headers: asked.headers, agent: false }, (said) => {
      answer.writeHead(said.statusCode ?? 502, said.headers);
      answer.flushHeaders();
      said.on("error", () => answer.destroy());
      said.pipe(answer);
    });
    passed.on("error", () => answer.destroy());
    answer.on("close", () => passed.destroy());
    asked.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await work({ host: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`, came });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const why = whyNoDocker();
test.skipIf(why !== undefined)(
  `an engine's whole life needs the calls of the page, and no others, over a real Docker Engine${why === undefined ? "" : `, ${why}`}`,
  async () => {
    const docker = await startDockerEngine();
    try {
      await withProxy(docker.host.replace("unix://", ""), async ({ host, came }) => {
        const driver = dockerDriver({ ...docker, host }, "test", { pull: "missing" });
        const told: DriverEvent[] = [];
        driver.watch((event) => told.push(event));
        const launch = dockerLaunch({});
        const baseUrl = await run(driver, launch);
        expect(await driver.list()).toMatchObject([{ name: launch.name, status: "running", baseUrl, pid: expect.any(Number) }]);
        await until("it to say something", async () => (await driver.logs(launch.name, 10)) !== "");
        await driver.stop(launch.name, 10_000);
        await until("its end to be told", () => told.length > 0);
        await driver.remove(launch.name);
        expect((await failureOf(driver.create(dockerLaunch({}, { image: "127.0.0.1:1/engine" })))).reason).toBe("image-missing");
        await clear(driver);
        expect(told).toEqual([{ type: "exited", name: launch.name, exit: expect.anything() }]);
        expect([...came].sort()).toEqual(ALLOWED.map(({ call }) => call).sort());
      });
    } finally {
      await docker.remove();
    }
  },
  60_000,
);
