// Programs people use with models, installed outside of the project, in exactly these versions. `npm test` installs the first two and tests
// with them; `npm run programs` installs and tests with all.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** By name: the packages, what replaces packages that cannot be had, what has to be built, and where the program then is. */
export const PROGRAMS = {
  "claude-code": { version: "2.1.330", packages: ["@anthropic-ai/claude-code@2.1.330"], path: "node_modules/.bin/claude" },
  codex: { version: "0.169.0", packages: ["@openai/codex@0.169.0"], path: "node_modules/.bin/codex" },
  opencode: { version: "1.18.33", packages: ["opencode-ai@1.18.33"], path: "node_modules/.bin/opencode" },
  cline: { version: "3.0.65", packages: ["cline@3.0.65"], path: "node_modules/.bin/cline" },
  continue: { version: "1.5.47", packages: ["@continuedev/cli@1.5.47"], path: "node_modules/.bin/cn" },
  "gemini-cli": { version: "0.61.0", packages: ["@google/gemini-cli@0.61.0"], path: "node_modules/.bin/gemini" },
  // Needs a newer Node than Debian's. Of its native modules only SQLite's is used here; one package it names is not published.
  n8n: {
    version: "2.41.1",
    packages: ["n8n@2.41.1", `node-linux-${process.arch}@24.21.0`],
    options: ["--legacy-peer-deps", "--ignore-scripts"],
    overrides: { cssomnom: "npm:rrweb-cssom@0.8.0" },
    build: ["sqlite3"],
    path: "node_modules/n8n/bin/n8n",
    runtime: `node_modules/node-linux-${process.arch}/bin`,
  },
};

/** Where programs are kept, all versions side by side. */
export const PROGRAMS_FOLDER = process.env.SIGNALBOX_PROGRAMS_DIR ?? join(homedir(), ".cache", "signalbox", "programs");

/** Where a program is, with a runtime of its own if it needs one, and whether it is installed. */
export function placeOf(name) {
  const folder = join(PROGRAMS_FOLDER, `${name}-${PROGRAMS[name].version}`);
  const { path, runtime } = PROGRAMS[name];
  return { path: join(folder, path), runtime: runtime && join(folder, runtime), folder, installed: existsSync(join(folder, "installed")) };
}

/** Installs it unless it is there; says whether it is then. */
export function installProgram(name) {
  const { folder, runtime, installed } = placeOf(name);
  if (installed) return true;
  const { packages, options = [], overrides, build = [] } = PROGRAMS[name];
  console.log(`Installing ${name} ${PROGRAMS[name].version} in ${folder} …`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: `${name}-here`, private: true, overrides }));
  const environment = { ...process.env, PATH: runtime === undefined ? process.env.PATH : `${runtime}:${process.env.PATH}` };
  const npm = (...words) => spawnSync("npm", words, { cwd: folder, stdio: "inherit", env: environment }).status === 0;
  const install = () => npm("install", ...packages, ...options, "--no-audit", "--no-fund", "--loglevel=error");
  // Hundreds of megabytes do not always come at the first try.
  if (!install() && !install()) return false;
  if (build.length > 0 && !npm("rebuild", ...build, "--build-from-source", "--loglevel=error")) return false;
  writeFileSync(join(folder, "installed"), "");
  return true;
}
