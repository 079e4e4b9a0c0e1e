// `npm run programs [-- name…]`: installs real client programs, all or the named, runs their tests, and ends with "N passed, N failed".
// A run of all of them leaves its results in docs/campaigns/programs-<date>.md.
import { readdirSync, writeFileSync } from "node:fs";
import { PROGRAMS } from "./programs.mjs";
import { countOf, tellSkipped } from "./report.mjs";
import { finish, installNodeModules, installPackages, installPrograms, runTests } from "./setup.mjs";

const FOLDER = "tests/programs";
const named = process.argv.slice(2);
const unknown = named.filter((name) => !Object.hasOwn(PROGRAMS, name));
if (unknown.length > 0) finish(0, 1, `There is no ${unknown.join(", ")}. There are: ${Object.keys(PROGRAMS).join(", ")}`);
const names = named.length > 0 ? named : Object.keys(PROGRAMS);

installNodeModules();
// Git for the programs themselves; the others build n8n's native module.
installPackages({ git: ["git", "--version"], make: ["make", "--version"], "g++": ["g++", "--version"], python3: ["python3", "--version"] });
installPrograms(names);

const files = readdirSync(FOLDER).filter((file) => /\.(test|program)\.ts$/.test(file) && names.includes(programOf(file)));
const { tests, crashed } = runTests(
  files.map((file) => `./${FOLDER}/${file}`),
  300_000,
);
if (named.length === 0) writePage();
tellSkipped(tests);
finish(countOf(tests, "passed"), countOf(tests, "failed") + (crashed ? 1 : 0));

function programOf(file) {
  return file.slice(file.lastIndexOf("/") + 1).split(".")[0] ?? "";
}

function writePage() {
  const date = new Date().toISOString().slice(0, 10);
  const of = (name) => tests.filter(({ file }) => programOf(file) === name);
  const summary = names.map((name) => `| ${name} | ${PROGRAMS[name].version} | ${countOf(of(name), "passed")} of ${of(name).length} |`);
  const rows = names.flatMap((name) => of(name).map((one) => `| ${name} | ${one.name.replaceAll("|", "\\|")} | ${one.result} |`));
  const page = [
    `# Client programs, ${date}`,
    "",
    "Written by `npm run programs`. Each program is its maker's own, headless, before a gateway over fake upstreams.",
    "",
    "| program | version | passed |",
    "|---|---|---|",
    ...summary,
    "",
    "## Each test",
    "",
    "| program | test | result |",
    "|---|---|---|",
    ...rows,
  ];
  const path = `docs/campaigns/programs-${date}.md`;
  writeFileSync(path, `${page.join("\n")}\n`);
  console.log(`Written: ${path}`);
}
