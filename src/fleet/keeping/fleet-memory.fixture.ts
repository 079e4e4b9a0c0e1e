import { type FleetMemory, rememberedIn } from "./fleet-memory.ts";

/** A memory that lasts as long as its test. */
export function testMemory(): FleetMemory {
  let now = rememberedIn("", "test");
  return {
    get now() {
      return now;
    },
    keep: (changes) => (now = { ...now, ...changes }),
    refresh: async () => undefined,
  };
}
