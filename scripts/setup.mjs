// What `npm test` and `npm run programs` share: installing what is missing, running tests, and how a run ends.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { installProgram, PROGRAMS } from "./programs.mjs";
import { testsOf } from "./report.mjs";

process.chdir(join(import.meta.dirname, ".."));

/** Runs a command in the open; its exit status. */
export const run = (command, args, options = {}) => spawnSync(command, args, { stdio: "inherit", ...options }).status ?? 1;
const works = ([command, ...args]) => spawnSync(command, args, { stdio: "ignore" }).status === 0;

/** Ends the run with the line everybody looks for. */
export function finish(passed, failed, why) {
  if (why !== undefined) console.error(why);
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}

/** npm packages, as the lock file has them. */
export function installNodeModules() {
  const marker = "node_modules/.package-lock.json";
  if (existsSync(marker) && statSync(marker).mtimeMs >= statSync("package-lock.json").mtimeMs && existsSync("node_modules/typescript")) return;
  // Not `npm ci`: it refuses a lock file that lacks packages of other platforms, which not every mirror carries.
  if (run("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"]) !== 0) finish(0, 1, "npm install failed");
}

/** Where Debian's packages keep what starts them as services: a test's redis-server is nobody's service, today or after the next start. */
const NO_SERVICES = ["/etc/init.d/*", "/lib/systemd/system/*", "/usr/lib/systemd/system/*"].flatMap((path) => ["-o", `DPkg::Options::=--path-exclude=${path}`]);

/** Debian packages, each with a command that works once it is there. No service is started. */
export function installPackages(packages) {
  const missing = Object.keys(packages).filter((name) => !works(packages[name]));
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) finish(0, 1, `Missing: ${missing.join(", ")}. Install them (apt-get install ${missing.join(" ")}) or run as root.`);
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  run("apt-get", ["update", "-qq"], { env: environment });
  if (run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...NO_SERVICES, ...missing], { env: environment }) !== 0)
    finish(0, 1, `apt-get could not install ${missing.join(", ")}`);
}

/** Programs, outside of the project. */
export function installPrograms(names) {
  for (const name of names) if (!installProgram(name)) finish(0, 1, `npm could not install ${name} ${PROGRAMS[name].version}`);
}

function bunPath() {
  const candidates = [
    "node_modules/bun/bin/bun.exe",
    ...readdirSync("node_modules/@oven", { withFileTypes: true }).map((entry) => `node_modules/@oven/${entry.name}/bin/bun`),
  ];
  return candidates.find((path) => existsSync(path) && statSync(path).size > 1_000_000);
}

/** Runs tests with so many milliseconds for each: what became of every one, and whether something broke outside of them. */
export function runTests(files, timeout) {
  const bun = bunPath();
  if (bun === undefined) finish(0, 1, "The bun runtime is not where npm should have put it.");
  const report = ".test-output/junit.xml";
  rmSync(".test-output", { recursive: true, force: true });
  mkdirSync(".test-output", { recursive: true });
  const status = run(bun, ["test", "--timeout", String(timeout), "--reporter=junit", `--reporter-outfile=${report}`, ...files]);
  if (!existsSync(report)) finish(0, 1, "The test run left no report.");
  const tests = testsOf(readFileSync(report, "utf8"));
  return { tests, crashed: status !== 0 && !tests.some(({ result }) => result === "failed") };
}
