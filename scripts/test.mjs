// `npm test`: installs what is missing, checks the code, runs every test, and ends with "N passed, N failed".
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
process.chdir(root);

/** Debian packages that examples and end-to-end tests call, and a program of each. */
const PACKAGES = { curl: ["curl", "--version"], python3: ["python3", "--version"], "python3-requests": ["python3", "-c", "import requests"] };

const run = (command, args, options = {}) => spawnSync(command, args, { stdio: "inherit", ...options }).status ?? 1;
const works = ([command, ...args]) => spawnSync(command, args, { stdio: "ignore" }).status === 0;

function installNodeModules() {
  const marker = "node_modules/.package-lock.json";
  if (existsSync(marker) && statSync(marker).mtimeMs >= statSync("package-lock.json").mtimeMs && existsSync("node_modules/typescript")) return;
  // Not `npm ci`: it refuses a lock file that lacks packages of other platforms, which not every mirror carries.
  if (run("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"]) !== 0) finish(0, 1, "npm install failed");
}

function installPackages() {
  const missing = Object.keys(PACKAGES).filter((name) => !works(PACKAGES[name]));
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) finish(0, 1, `Missing: ${missing.join(", ")}. Install them (apt-get install ${missing.join(" ")}) or run as root.`);
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  run("apt-get", ["update", "-qq"], { env: environment });
  if (run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...missing], { env: environment }) !== 0)
    finish(0, 1, `apt-get could not install ${missing.join(", ")}`);
}

function bunPath() {
  const candidates = [
    "node_modules/bun/bin/bun.exe",
    ...readdirSync("node_modules/@oven", { withFileTypes: true }).map((entry) => `node_modules/@oven/${entry.name}/bin/bun`),
  ];
  return candidates.find((path) => existsSync(path) && statSync(path).size > 1_000_000);
}

function finish(passed, failed, why) {
  if (why !== undefined) console.error(why);
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}

installNodeModules();
installPackages();
const bun = bunPath();
if (bun === undefined) finish(0, 1, "The bun runtime is not where npm should have put it.");

const only = process.argv.slice(2);
let passed = 0;
let failed = 0;
if (only.length === 0) {
  if (run("npm", ["run", "--silent", "check"]) === 0) passed++;
  else failed++;
}
const report = ".test-output/junit.xml";
rmSync(".test-output", { recursive: true, force: true });
mkdirSync(".test-output", { recursive: true });
const status = run(bun, ["test", "--timeout", "30000", "--reporter=junit", `--reporter-outfile=${report}`, ...only]);
const totals = existsSync(report) ? /<testsuites[^>]*\btests="(\d+)"[^>]*\bfailures="(\d+)"/.exec(readFileSync(report, "utf8")) : null;
if (totals === null) finish(passed, failed + 1, "The test run left no report.");
const failures = Number(totals[2]);
passed += Number(totals[1]) - failures;
failed += failures;
// A run that crashed outside a test has no failure in its report.
if (status !== 0 && failures === 0) failed++;
finish(passed, failed);
