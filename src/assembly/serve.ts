import { CommandFailed, type Terminal } from "../cli/output.ts";
import type { ServeOptions } from "../cli/program.ts";
import { closingLines, lateLines, openingLines } from "../cli/startup-report.ts";
import { ConfigError } from "../config/file/problem.ts";
import { DEMO_ENGINE_MODELS, DEMO_FLEET } from "../demo/fleet.ts";
import { DEMO_MODELS, type DemoModel } from "../demo/models.ts";
import { simulatedProvider } from "../demo/provider.ts";
import { startLoopback } from "../http/loopback.ts";
import { assemble, type Running, type Start } from "./assemble.ts";

/** Starts a gateway, says what it found, and resolves once it has been told to stop and has. */
export async function serve(options: ServeOptions, version: string, terminal: Terminal): Promise<void> {
  const demo = options.demo ? startLoopback(simulatedProvider) : undefined;
  const running = await assemble(startOf(options, version, demo?.url));
  const { settings } = running.installation.current().snapshot;
  const url = settings.server.public_url ?? `http://${settings.server.host === "0.0.0.0" ? "localhost" : settings.server.host}:${running.port}`;
  const facts = {
    version,
    url,
    dataDir: running.dataDir,
    database: running.database,
    files: running.installation.current().loaded.files,
    demo: options.demo === true,
    newAdminKey: running.keys?.newAdmin?.key,
    waitingFor: running.waitingFor?.trouble,
  };
  terminal.say(openingLines({ ...facts, milliseconds: performance.now() }));
  running.waitingFor?.late.then(({ newAdmin, warnings }) => terminal.say(lateLines(newAdmin?.key, warnings)));
  const ended = untilStopped(running);
  await running.installation.settling();
  const { rows, snapshot } = running.installation.current();
  const wildcards = snapshot.wildcards.map(({ pattern }) => pattern);
  terminal.say(closingLines({ ...facts, rows, models: running.models.names(), wildcards, notices: [...snapshot.notices, ...(running.keys?.warnings ?? [])] }));
  await ended;
  await demo?.stop();
}

function startOf(options: ServeOptions, version: string, demoUrl: string | undefined): Start {
  const overrides: { path: string[]; value: unknown; name: string }[] = [];
  if (options.port !== undefined) overrides.push({ path: ["server", "port"], value: options.port, name: "--port" });
  if (options.host !== undefined) overrides.push({ path: ["server", "host"], value: options.host, name: "--host" });
  if (options.dataDir !== undefined) overrides.push({ path: ["database", "data_dir"], value: options.dataDir, name: "--data-dir" });
  const common = { version, pretty: process.stdout.isTTY === true };
  if (demoUrl === undefined) return { ...common, file: options.config, variables: process.env, overrides };
  // The demo discovers nothing real: of the environment only what concerns this server itself is kept.
  const { PORT, SIGNALBOX_DATA_DIR, SIGNALBOX_ADMIN_KEY, LOG_LEVEL } = process.env;
  const provider = { kind: "openai-compatible", base_url: `${demoUrl}/v1` };
  const models = Object.fromEntries(DEMO_MODELS.map((model) => [model.id, { deployments: [{ provider: "demo", model: pacedName(model, options.pace) }] }]));
  overrides.push(
    { path: ["server", "host"], value: "127.0.0.1", name: "--demo" },
    { path: ["providers"], value: { demo: provider }, name: "--demo" },
    { path: ["models"], value: { ...models, ...DEMO_ENGINE_MODELS }, name: "--demo" },
    { path: ["fleet"], value: DEMO_FLEET, name: "--demo" },
  );
  return { ...common, file: options.config, variables: { PORT, SIGNALBOX_DATA_DIR, SIGNALBOX_ADMIN_KEY, LOG_LEVEL }, overrides };
}

/** A simulated chat model at the pace the operator wants, in milliseconds; at its own without one. */
function pacedName(model: DemoModel, pace: string | undefined): string {
  if (pace === undefined || model.task !== "chat") return model.id;
  if (!/^\d{1,6}$/.test(pace)) throw new CommandFailed(`--pace ${pace} is no number of milliseconds. Write --pace 40.`);
  return `${model.id}@${pace}ms`;
}

/** Obeys the operator's signals: HUP reloads, INT and TERM stop after what runs, a second one at once. */
function untilStopped(running: Running): Promise<void> {
  process.on("SIGHUP", () => {
    running
      .reload()
      .catch((error) => running.log.error("reload refused: nothing was changed", { error: error instanceof ConfigError ? error.message : error }));
  });
  return new Promise((resolve) => {
    let asked = false;
    const stop = (signal: string) => {
      if (asked) process.exit(1);
      asked = true;
      running.log.info("stopping", { signal });
      running.stop().then(resolve);
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
  });
}
