import { DriverFailure, type EngineDriver, type Launch } from "../driver.ts";

/** Engines that run already, wherever they do: nobody here starts or stops them, they are only called. */
export function openStaticDriver(): EngineDriver {
  /** Where each is called. */
  const urls = new Map<string, string>();
  return {
    name: "static",
    async create({ name, spec }: Launch) {
      if (spec.url === undefined) {
        throw new DriverFailure("refused", `fleet.engines.${spec.name} is static and has no url. Say where it runs: url: http://10.0.0.5:8000/v1.`);
      }
      urls.set(name, spec.url);
    },
    async start(name) {
      const baseUrl = urls.get(name);
      if (baseUrl === undefined) throw new DriverFailure("failed", `There is no engine's start called ${name}. Create it first.`);
      return { baseUrl };
    },
    stop: async () => {},
    remove: async (name) => void urls.delete(name),
    // Nothing of them is ours to adopt, to end or to read.
    list: async () => [],
    logs: async () => "",
    watch: () => () => {},
    close: async () => {},
  };
}
