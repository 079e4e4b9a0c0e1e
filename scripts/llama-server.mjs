// llama.cpp's own server, which tests/engines calls. Debian has it in its testing release: its packages and all they need, the C library too, are
// unpacked in a folder of their own, and nothing of this machine's is touched.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROGRAMS_FOLDER } from "./programs.mjs";

const PACKAGE = "llama.cpp-tools";
const FOLDER = join(PROGRAMS_FOLDER, "llama-server");
const PATH = join(FOLDER, "llama-server");
const MARKER = join(FOLDER, "installed");

/** Where it is, and which version; none: it is not installed. */
export function placeOfLlamaServer() {
  return { path: PATH, version: existsSync(MARKER) ? readFileSync(MARKER, "utf8") : undefined };
}

/** Installs it unless it is there. Where it cannot be had, it says why: its tests are skipped then. */
export function installLlamaServer() {
  if (existsSync(MARKER)) return;
  console.log(`Installing llama.cpp's server in ${FOLDER} …`);
  try {
    rmSync(FOLDER, { recursive: true, force: true });
    unpack(download());
    makeRunnable();
    writeFileSync(MARKER, /version: (\S+)/.exec(answerOf(PATH, ["--version"]))?.[1] ?? "unknown");
  } catch (thrown) {
    console.error(`llama.cpp's server cannot be had here: ${thrown.message}`);
  }
}

/** Downloads the package and all it needs, by apt with lists and caches of its own: 30 MB. The folder they are in. */
function download() {
  const mirror = answerOf("apt-get", ["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"])
    .split("\n")
    .find((address) => /\/debian\/?$/.test(address));
  if (mirror === undefined) throw new Error("apt knows no mirror of Debian.");
  const apt = join(FOLDER, "apt");
  const archives = join(apt, "cache", "archives");
  for (const folder of [join(apt, "state", "lists", "partial"), join(archives, "partial")]) mkdirSync(folder, { recursive: true });
  // Nothing is installed, as far as apt is told: so it fetches everything.
  writeFileSync(join(apt, "status"), "");
  writeFileSync(join(apt, "sources.list"), `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror} testing main\n`);
  const options = [
    `Dir::State=${join(apt, "state")}`,
    `Dir::State::status=${join(apt, "status")}`,
    `Dir::Cache=${join(apt, "cache")}`,
    `Dir::Etc::sourcelist=${join(apt, "sources.list")}`,
    "Dir::Etc::sourceparts=/dev/null",
    "Acquire::Languages=none",
    "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false",
    // A mirror may stand still.
    "Acquire::Check-Valid-Until=false",
    // This folder may be root's alone.
    "APT::Sandbox::User=root",
  ].flatMap((option) => ["-o", option]);
  answerOf("apt-get", [...options, "-qq", "update"]);
  answerOf("apt-get", [...options, "-qq", "-y", "install", "--download-only", "--no-install-recommends", PACKAGE]);
  return archives;
}

function unpack(archives) {
  for (const file of readdirSync(archives).filter((name) => name.endsWith(".deb")))
    answerOf("dpkg-deb", ["--extract", join(archives, file), join(FOLDER, "root")]);
  rmSync(join(FOLDER, "apt"), { recursive: true });
}

/** A command that runs it with the libraries it was built with. */
function makeRunnable() {
  const shared = join(FOLDER, "root", "usr", "lib");
  const libraries = join(shared, readdirSync(shared).find((name) => name.endsWith("-linux-gnu")) ?? "");
  const loader = readdirSync(libraries).find((name) => name.startsWith("ld-linux"));
  // It looks for the code of each kind of processor beside what runs, which is the loader.
  const kinds = readdirSync(join(libraries, "ggml"), { recursive: true }).filter((name) => name.endsWith(".so"));
  for (const kind of kinds) symlinkSync(join("ggml", kind), join(libraries, kind.slice(kind.lastIndexOf("/") + 1)));
  const command = [`"${libraries}/${loader}"`, "--library-path", `"${libraries}:${libraries}/llama"`, `"${FOLDER}/root/usr/bin/llama-server"`, '"$@"'];
  writeFileSync(PATH, `#!/bin/sh\nexec ${command.join(" ")}\n`, { mode: 0o755 });
}

/** What a command answers. Throws with its last words when it fails. */
function answerOf(command, words) {
  const { status, stdout, stderr, error } = spawnSync(command, words, { encoding: "utf8" });
  if (status === 0) return `${stdout}${stderr}`;
  throw new Error(`${command} failed: ${error?.message ?? stderr.trim().split("\n").slice(-3).join(" ")}`);
}
