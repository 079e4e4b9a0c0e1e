import { expect, test } from "bun:test";
import { replicas } from "./replicas.ts";

/** Redis, as far as it passes messages on. */
function wire() {
  const ears: { hear: (message: string) => void; resumed: (() => void) | undefined }[] = [];
  return {
    ears,
    publish: async (_channel: string, message: string) => {
      for (const { hear } of ears) hear(message);
    },
    subscribe(_channel: string, hear: (message: string) => void, resumed?: () => void) {
      ears.push({ hear, resumed });
      return () => undefined;
    },
  };
}

test("what one tells all others hear, each under its topic, and not itself", () => {
  const shared = wire();
  const said: string[] = [];
  for (const self of ["a", "b", "c"]) {
    const one = replicas({ shared, self, missed: () => said.push(`${self} missed some`) });
    one.hear("access", (what) => said.push(`${self}: key ${what}`));
    one.hear("config", () => said.push(`${self}: config`));
    if (self === "c") one.tell("access", "k1");
  }
  expect(said).toEqual(["a: key k1", "b: key k1"]);
  shared.ears[1]?.resumed?.();
  expect(said.at(-1)).toBe("b missed some");
});

test("nonsense is not heard, and one without Redis is alone", async () => {
  const shared = wire();
  const said: string[] = [];
  replicas({ shared, self: "a", missed: () => undefined }).hear("access", (what) => said.push(what));
  for (const message of ["", "[]", '{"topic":"toString"}', '{"topic":7}']) shared.ears[0]?.hear(message);
  replicas({ shared: undefined, self: "b", missed: () => undefined }).tell("access", "k");
  expect(said).toEqual([]);
});

test("a message that cannot be sent is nobody's failure", async () => {
  const shared = { publish: () => Promise.reject(new Error("away")), subscribe: () => () => undefined };
  replicas({ shared, self: "a", missed: () => undefined }).tell("config", "");
  await Promise.resolve();
});
