import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BENCH_KEY, BENCH_USER, benchConfig, type Features } from "./gateway-config.ts";
import type { LoadPlan, LoadResult } from "./load/plan.ts";

/** The server under test has this core to itself … */
export const SERVER_CORE = 0;
/** … and the load generator shares this one with the upstream, which answers 150,000 requests a second and so takes little of it. */
const LOAD_CORE = 1;

/** A load that has not ended so long after its time, because the server keeps it waiting, is ended and fails. */
const LATE_MS = 300_000;

const HERE = fileURLToPath(new URL(".", import.meta.url));
const REPOSITORY = fileURLToPath(new URL("..", import.meta.url));

/** A server that load can be put on. */
export interface Server {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  /** Where this kind of work is asked for, and with what. `kind` is a first path segment of the bench upstream: `instant`, `delay-20`. */
  ask(kind: string): { readonly path: string; readonly headers: Readonly<Record<string, string>>; readonly model: string };
  stop(): Promise<void>;
}

/** False where there is one core only, or no `taskset`: then nothing is pinned and numbers say less. */
export const CAN_PIN = availableParallelism() > 1 && spawnSync("taskset", ["--version"]).error === undefined;

/** Starts the bench upstream: behind the servers on the load generator's core, or on the servers' core as what they are compared with. */
export async function startUpstream(core: number = LOAD_CORE): Promise<Server> {
  const child = start([process.execPath, join(HERE, "upstream.ts")], core);
  const port = Number(await firstLine(child));
  return { ...direct("bare upstream", port, child), stop: () => stopped(child) };
}

/** nginx with one worker and a kept-alive `proxy_pass` to this upstream; `undefined` where there is no nginx. */
export async function startNginx(upstream: Server): Promise<Server | undefined> {
  if (spawnSync("nginx", ["-v"]).error) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "bench-nginx-"));
  const port = await freePort();
  writeFileSync(join(folder, "nginx.conf"), nginxConfig(folder, port, upstream.port));
  const child = start(["nginx", "-e", "stderr", "-p", folder, "-c", join(folder, "nginx.conf")], SERVER_CORE);
  await answering(`http://127.0.0.1:${port}/stats`);
  return { ...direct("nginx proxy_pass", port, child), stop: () => stopped(child).then(() => rmSync(folder, { recursive: true, force: true })) };
}

/** The gateway before this upstream, with everything on or as little as its config allows; throws with its output when it does not start. */
export async function startGateway(upstream: Server, features: Features): Promise<Server & { readonly startMs: number }> {
  const folder = mkdtempSync(join(tmpdir(), "bench-gateway-"));
  mkdirSync(join(folder, "data"));
  writeFileSync(join(folder, "signalbox.yaml"), JSON.stringify(benchConfig(upstream.port, features), null, 2));
  const port = await freePort();
  const command = ["serve", "--config", join(folder, "signalbox.yaml"), "--data-dir", join(folder, "data"), "--port", String(port)];
  const log = join(folder, "output.log");
  const environment = { SIGNALBOX_ADMIN_KEY: BENCH_KEY, HOST: "127.0.0.1", NODE_ENV: "production" };
  const before = performance.now();
  const child = start([join(REPOSITORY, "bin/signalbox"), ...command], SERVER_CORE, environment, log);
  const stop = () => stopped(child).then(() => rmSync(folder, { recursive: true, force: true }));
  const key = features === "on" ? BENCH_USER.key : BENCH_KEY;
  const ask = (kind: string, by = key) => ({ path: "/v1/chat/completions", headers: { authorization: `Bearer ${by}` }, model: `bench-${kind}` });
  try {
    await answering(`http://127.0.0.1:${port}/live`, child, log);
    await firstAnswer(port, ask("instant", BENCH_KEY));
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  const startMs = performance.now() - before;
  if (features === "on") await makeUser(port);
  return { name: features === "on" ? "signalbox" : "signalbox, features off", port, pid: child.pid ?? 0, ask, stop, startMs };
}

/** Somebody who pays: the admin key spends the house's money, which nobody limits. */
async function makeUser(port: number): Promise<void> {
  const { key, ...user } = BENCH_USER;
  for (const [path, body] of [
    ["/admin/users", user],
    ["/admin/keys", { name: "bench", user_id: user.id, key }],
  ] as const) {
    const made = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${BENCH_KEY}` },
      body: JSON.stringify(body),
    });
    if (!made.ok) throw new Error(`POST ${path}: ${await made.text()}`);
  }
}

/** Puts load on a server from a process on the other core. `kind` and `body` as in `Server.ask`. */
export async function load(server: Server, kind: string, plan: Omit<LoadPlan, "host" | "port" | "path" | "headers" | "body" | "pid">): Promise<LoadResult> {
  const { path, headers, model } = server.ask(kind);
  const messages = [
    { role: "system", content: "You are a helpful assistant." },
    { role: "user", content: "Hello! What can you do for me today?" },
  ];
  const body = JSON.stringify({ model, messages, temperature: 0.7, max_tokens: 256, ...(plan.kind === "unary" ? {} : { stream: true }) });
  const whole: LoadPlan = { ...plan, host: "127.0.0.1", port: server.port, path, headers, body, pid: server.pid };
  const child = start([process.execPath, join(HERE, "load/main.ts"), JSON.stringify(whole)], LOAD_CORE);
  const hung = setTimeout(() => child.kill("SIGKILL"), (plan.seconds + plan.warmUpSeconds) * 1000 + LATE_MS);
  try {
    return JSON.parse(await firstLine(child)) as LoadResult;
  } finally {
    clearTimeout(hung);
  }
}

function direct(name: string, port: number, child: ChildProcess): Omit<Server, "stop"> {
  return { name, port, pid: child.pid ?? 0, ask: (kind) => ({ path: `/${kind}/v1/chat/completions`, headers: {}, model: "bench" }) };
}

/** Pinned to its core where that can be; its output goes to a file when one is given, as an operator's log would. */
function start(command: readonly string[], core: number, environment: Record<string, string> = {}, log?: string): ChildProcess {
  const pinned = CAN_PIN ? ["taskset", "-c", String(core), ...command] : [...command];
  const [program = "", ...rest] = pinned;
  const output = log === undefined ? "pipe" : openSync(log, "a");
  const child = spawn(program, rest, { stdio: ["ignore", output, output], env: { ...process.env, ...environment }, cwd: tmpdir() });
  if (typeof output === "number") closeSync(output);
  return child;
}

/** The first line a process prints; rejects with its errors when it ends before. */
function firstLine(child: ChildProcess): Promise<string> {
  let [text, errors] = ["", ""];
  child.stderr?.on("data", (bytes: Buffer) => {
    errors += bytes.toString();
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => reject(new Error(`ended with ${code} before it said anything: ${errors.slice(-2000)}`)));
    child.stdout?.on("data", (bytes: Buffer) => {
      text += bytes.toString();
      const end = text.indexOf("\n");
      if (end >= 0) resolve(text.slice(0, end));
    });
  });
}

/** Waits until this address answers 200; rejects with the end of the log when the process ends, or after 15 s. */
async function answering(url: string, child?: ChildProcess, log?: string): Promise<void> {
  const until = performance.now() + 15_000;
  while (performance.now() < until && child?.exitCode == null) {
    const ok = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`Nothing answered at ${url}. ${log === undefined ? "" : readFileSync(log, "utf8").slice(-2000)}`);
}

async function firstAnswer(port: number, ask: ReturnType<Server["ask"]>): Promise<void> {
  const body = JSON.stringify({ model: ask.model, messages: [{ role: "user", content: "hello" }] });
  const headers = { ...ask.headers, "content-type": "application/json" };
  const response = await fetch(`http://127.0.0.1:${port}${ask.path}`, { method: "POST", body, headers });
  if (!response.ok) throw new Error(`The gateway's first answer was ${response.status}: ${await response.text()}`);
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), 5000);
  await ended;
  clearTimeout(late);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

function nginxConfig(folder: string, port: number, upstreamPort: number): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `  ${name}_temp_path ${folder}/${name};`).join("\n");
  const forward = "proxy_pass http://bench; proxy_http_version 1.1; proxy_set_header Connection '';";
  return `${process.getuid?.() === 0 ? "user root;\n" : ""}worker_processes 1;
daemon off;
pid ${folder}/nginx.pid;
error_log stderr crit;
events { worker_connections 16384; }
http {
  access_log off;
  tcp_nodelay on;
  keepalive_requests 100000000;
${temporary}
  upstream bench { server 127.0.0.1:${upstreamPort}; keepalive 4096; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / { ${forward} }
    location /stream { ${forward} proxy_buffering off; }
  }
}
`;
}
