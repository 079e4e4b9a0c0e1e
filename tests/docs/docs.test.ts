import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { type GatewayProcess, startGateway } from "../harness/gateway.ts";
import { failureTable, providerTable, relayTable, remedyTable } from "./tables.ts";

const root = join(import.meta.dir, "..", "..");
const pages = [
  ...["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"],
  ...(readdirSync(join(root, "docs"), { recursive: true }) as string[]).filter((file) => file.endsWith(".md")).map((file) => `docs/${file}`),
];
const textOf = (page: string) => readFileSync(join(root, page), "utf8");

/** Commands that no test can run as they stand, and why. */
const NOT_RUN: Record<string, string> = {
  "npm start": "serves until it is stopped; bin/signalbox serve is what every end-to-end test starts",
  "npm start -- --demo": "likewise; the gateway these commands talk to is started with --demo",
  "npm start -- --config signalbox.yaml": "likewise",
  "npm test": "is what runs this",
  [`curl -s http://localhost:4000/auth/token -H 'content-type: application/json' -d '{"email": "ann@example.com", "password": "correct horse battery"}'`]:
    "needs a user with a password; tests/conformance/logins asks the same",
  'curl -s -X POST http://localhost:4000/auth/token/renew -H "Authorization: Bearer $TOKEN"': "needs a token; likewise",
  'bin/signalbox refund req_3fGh2k --reason "the answer was cut off"': "needs a request that was charged; tests/e2e/money/commands.test.ts makes one",
  "npm run check": "is run by npm test beside this",
  "kubectl apply --namespace=llm --filename=examples/kubernetes-engine.yaml":
    "needs a cluster; tests/conformance/fleet/drivers/kubernetes-manifests.test.ts puts these manifests in force in a fake one",
  'pg_dump --schema=signalbox --file=signalbox.sql "$DATABASE_URL"': "needs a PostgreSQL; tests/e2e/postgres.test.ts runs it",
  'psql --quiet --set=ON_ERROR_STOP=1 --file=signalbox.sql "$DATABASE_URL"': "likewise",
};

/** Every command of the `sh` blocks of a page; a block is one command, its lines joined where they end in a backslash. */
const commandsOf = (page: string) =>
  [...textOf(page).matchAll(/```sh\n([\s\S]*?)```/g)].flatMap((match) =>
    (match[1] ?? "")
      .replaceAll("\\\n", " ")
      .split("\n")
      .filter((line) => line.trim() !== ""),
  );

describe("pages", () => {
  test("there are some", () => {
    expect(pages.length).toBeGreaterThan(25);
  });

  test("every link within the repository leads somewhere", () => {
    const broken = pages.flatMap((page) =>
      [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)]
        .map((match) => (match[1] ?? "").split("#")[0] ?? "")
        .filter((target) => target !== "" && !/^[a-z]+:/.test(target) && !existsSync(join(root, dirname(page), target)))
        .map((target) => `${page}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  test("every page of docs is linked from docs/README.md, and every client's from docs/clients.md", () => {
    const linkedFrom = (page: string) => new Set([...textOf(page).matchAll(/\]\(([^)#]+)/g)].map((match) => `docs/${match[1]}`));
    const unlinked = (from: string, own: readonly string[]) => own.filter((page) => page !== from && !linkedFrom(from).has(page));
    const own = pages.filter((page) => page.startsWith("docs/") && !/^docs\/(decisions\/0|campaigns\/|clients\/)/.test(page));
    expect(unlinked("docs/README.md", own)).toEqual([]);
    const clients = pages.filter((page) => page.startsWith("docs/clients/"));
    expect(clients.length).toBeGreaterThan(10);
    expect(unlinked("docs/clients.md", clients)).toEqual([]);
  });

  test("tables of providers, failures and operations are those of the source", () => {
    expect(textOf("docs/providers.md")).toContain(providerTable());
    expect(textOf("docs/failures.md")).toContain(failureTable());
    expect(textOf("docs/failover.md")).toContain(remedyTable());
    expect(textOf("docs/other-operations.md")).toContain(relayTable());
  });

  test("no page names a path of somebody's machine", () => {
    expect(pages.filter((page) => /(^|[\s`"(])\/(home|root|work|Users)\//m.test(textOf(page)))).toEqual([]);
  });
});

describe("commands", () => {
  let gateway: GatewayProcess;
  beforeAll(async () => {
    gateway = await startGateway({ arguments: ["--demo"] });
  });
  afterAll(() => gateway.stop());

  const all = [...new Set(pages.flatMap(commandsOf))];
  test("there are some, and those not run are there", () => {
    expect(all.length).toBeGreaterThan(12);
    expect(Object.keys(NOT_RUN).filter((command) => !all.includes(command))).toEqual([]);
  });

  for (const command of all.filter((each) => NOT_RUN[each] === undefined)) {
    test(command.slice(0, 100), () => {
      const env = { ...process.env, SIGNALBOX_KEY: gateway.key, KEY: gateway.key, SIGNALBOX_DATA_DIR: join(gateway.folder, "data") };
      const here = command
        .replaceAll(/(http:\/\/)?localhost:4000/g, gateway.url)
        .replaceAll(/\bbin\/signalbox\b/g, join(relative(process.cwd(), root) || ".", "bin/signalbox"));
      const { status, stdout, stderr } = spawnSync("bash", ["-c", here], { cwd: root, env, encoding: "utf8", timeout: 25_000 });
      expect([command, status, stderr.includes("Error")]).toEqual([command, 0, false]);
      // A sound response says that it has none.
      expect(stdout).not.toMatch(/"error":(?!null)/);
      expect(`${stdout}${stderr}`.length).toBeGreaterThan(0);
    });
  }
});
