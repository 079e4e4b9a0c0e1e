import { expect, test } from "bun:test";
import { describeStores, withStore } from "../stores.fixture.ts";

const one = { holder: "one", address: "http://one:4000", secret: "s1" };
const two = { holder: "two", address: "http://two:4000", secret: "s2" };

describeStores("the role of looking after engines", (kind) => {
  test("is taken once, gone on with by whoever knows the last beat, and taken over from exactly that", () =>
    withStore(kind, async ({ fleet }) => {
      expect(await fleet.role()).toBeUndefined();
      expect(await fleet.take(one)).toBe(true);
      expect(await fleet.take(two)).toBe(false);
      expect(await fleet.take({ ...one, from: { holder: "one", beat: 1 } })).toBe(true);
      expect(await fleet.role()).toEqual({ ...one, beat: 2 });
      expect(await fleet.take({ ...two, from: { holder: "one", beat: 1 } })).toBe(false);
      expect(await fleet.take({ ...two, from: { holder: "one", beat: 2 } })).toBe(true);
      expect(await fleet.role()).toEqual({ ...two, beat: 3 });
      await fleet.leave("one");
      expect(await fleet.role()).toEqual({ ...two, beat: 3 });
      await fleet.leave("two");
      expect(await fleet.role()).toBeUndefined();
    }));

  test("of many that want it at once one gets it", () =>
    withStore(kind, async ({ fleet }) => {
      const all = await Promise.all(Array.from({ length: 20 }, (_, index) => fleet.take({ ...one, holder: `gateway ${index}` })));
      expect(all.filter((taken) => taken).length).toBe(1);
    }));

  test("what the fleet remembers outlives it", () =>
    withStore(kind, async (store, reopen) => {
      expect(await store.fleet.remembered()).toBeUndefined();
      await store.fleet.remember('{"a":1}');
      await store.fleet.remember('{"a":"2\'"}');
      expect(await (await reopen()).fleet.remembered()).toBe('{"a":"2\'"}');
    }));
});
