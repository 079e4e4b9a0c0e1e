// `npm test`: installs what is missing, checks the code, runs every test, and ends with "N passed, N failed".
import { installLlamaServer } from "./llama-server.mjs";
import { countOf, tellSkipped } from "./report.mjs";
import { finish, installNodeModules, installPackages, installPrograms, run, runTests } from "./setup.mjs";

installNodeModules();
// What examples and end-to-end tests call, the servers that src/store is tested against, and a Docker Engine for the fleet.
installPackages({
  curl: ["curl", "--version"],
  python3: ["python3", "--version"],
  "python3-requests": ["python3", "-c", "import requests"],
  "redis-server": ["redis-server", "--version"],
  postgresql: ["sh", "-c", "/usr/lib/postgresql/*/bin/initdb --version || initdb --version"],
  pgbouncer: ["pgbouncer", "--version"],
  "docker.io": ["dockerd", "--version"],
  iproute2: ["ip", "-V"],
});
// The programs of tests/programs/*.test.ts; those of *.program.ts are for `npm run programs`.
installPrograms(["claude-code", "codex"]);
// The engine of tests/engines.
installLlamaServer();

const only = process.argv.slice(2);
let passed = 0;
let failed = 0;
if (only.length === 0) {
  if (run("npm", ["run", "--silent", "check"]) === 0) passed++;
  else failed++;
}
const { tests, crashed } = runTests(only, 30_000);
tellSkipped(tests);
finish(passed + countOf(tests, "passed"), failed + countOf(tests, "failed") + (crashed ? 1 : 0));
