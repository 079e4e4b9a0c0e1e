import { expect, test } from "bun:test";
import type { KeptResponse } from "../../vocabulary/kept-response.ts";
import { describeStores, withStore } from "../stores.fixture.ts";

const HOUR = 3_600_000;
const MOST = 1_000_000;
const item = (id: string, text = id) => ({ id, type: "message", role: "assistant", content: [{ type: "output_text", text }] });
const kept = (id: string, more: Partial<KeptResponse> = {}): KeptResponse => ({
  id,
  owner: "ann",
  createdAt: 1,
  expiresAt: Date.now() + HOUR,
  input: JSON.stringify([{ type: "message", role: "user", content: id }]),
  body: JSON.stringify({ id, output: [item(`msg_${id}`)] }),
  ...more,
});

const idsOf = (line: readonly KeptResponse[] | undefined) => line?.map(({ id }) => id).join(" ");

describeStores("kept responses", (kind) => {
  test("are there at once, after a restart too, exactly as they were", () =>
    withStore(kind, async ({ responses }, reopen) => {
      const given = kept("resp_1", { previous: "resp_0", deployment: "openai/gpt-5" });
      void responses.keep(given);
      expect(await responses.find("resp_1", "ann")).toEqual(given);
      expect(await (await reopen()).responses.find("resp_1", "ann")).toEqual(given);
    }));

  test("belong to their owner", () =>
    withStore(kind, async ({ responses }) => {
      void responses.keep(kept("resp_1"));
      void responses.keep(kept("resp_1", { owner: "bob", input: "[]" }));
      expect(await responses.find("resp_1", "bob")).toBeUndefined();
      expect(await responses.conversation("resp_1", "bob", MOST)).toEqual([]);
      expect((await responses.items(["msg_resp_1"], "bob", MOST))?.size).toBe(0);
      const others = (id: string) => Promise.all(["ann", "bob"].map((owner) => responses.anyOfOthers(["none", id], owner)));
      expect([await others("resp_1"), await others("msg_resp_1"), await others("msg_x")]).toEqual([
        [false, true],
        [false, true],
        [false, false],
      ]);
      expect(await responses.remove("resp_1", "bob")).toBe(false);
      expect((await responses.find("resp_1", "ann"))?.owner).toBe("ann");
    }));

  test("expire", () =>
    withStore(kind, async ({ responses }) => {
      void responses.keep(kept("resp_1", { expiresAt: Date.now() - 1 }));
      void responses.keep(kept("resp_2", { previous: "resp_1" }));
      expect(await responses.find("resp_1", "ann")).toBeUndefined();
      expect(await responses.conversation("resp_2", "ann", MOST)).toEqual([]);
      expect(await responses.remove("resp_1", "ann")).toBe(false);
    }));

  test("make a conversation, oldest first, that is whole or not there", () =>
    withStore(kind, async ({ responses }) => {
      void responses.keep(kept("a"));
      void responses.keep(kept("b", { previous: "a" }));
      void responses.keep(kept("c", { previous: "b" }));
      void responses.keep(kept("branch", { previous: "a" }));
      expect(idsOf(await responses.conversation("c", "ann", MOST))).toBe("a b c");
      expect(idsOf(await responses.conversation("branch", "ann", MOST))).toBe("a branch");
      expect(await responses.remove("b", "ann")).toBe(true);
      expect(idsOf(await responses.conversation("c", "ann", MOST))).toBe("");
      expect(idsOf(await responses.conversation("branch", "ann", MOST))).toBe("a branch");
    }));

  test("that go round in a circle are no conversation, and no endless search", () =>
    withStore(kind, async ({ responses }) => {
      void responses.keep(kept("a", { previous: "b" }));
      void responses.keep(kept("b", { previous: "a" }));
      expect((await responses.conversation("a", "ann", MOST)) ?? []).toEqual([]);
    }));

  test("give back their items by id, and forget them when they go", () =>
    withStore(kind, async ({ responses }) => {
      void responses.keep(kept("a", { input: JSON.stringify([item("msg_in")]) }));
      const found = await responses.items(["msg_a", "msg_in", "msg_none"], "ann", MOST);
      expect(Object.fromEntries(found ?? [])).toEqual({ msg_a: JSON.stringify(item("msg_a")), msg_in: JSON.stringify(item("msg_in")) });
      await responses.remove("a", "ann");
      expect((await responses.items(["msg_a"], "ann", MOST))?.size).toBe(0);
    }));

  test("that hold too much are not read", () =>
    withStore(kind, async ({ responses }) => {
      void responses.keep(kept("a"));
      void responses.keep(kept("b", { previous: "a" }));
      const size = (line: readonly KeptResponse[] | undefined) => line?.reduce((sum, { input, body }) => sum + input.length + body.length, 0) ?? 0;
      const all = size(await responses.conversation("b", "ann", MOST));
      expect(await responses.conversation("b", "ann", all - 1)).toBeUndefined();
      expect((await responses.conversation("b", "ann", all))?.length).toBe(2);
      expect(await responses.items(["msg_a"], "ann", all / 2 - 1)).toBeUndefined();
      expect((await responses.items(["msg_a"], "ann", all / 2))?.size).toBe(1);
    }));

  test("may be kept again, with other items", () =>
    withStore(kind, async ({ responses }) => {
      void responses.keep(kept("a"));
      void responses.keep(kept("a", { body: JSON.stringify({ id: "a", output: [item("msg_other")] }) }));
      expect([...((await responses.items(["msg_a", "msg_other"], "ann", MOST))?.keys() ?? [])]).toEqual(["msg_other"]);
    }));

  test.each(["null", "7", '{"output":7}', '{"output":[null,{"id":7}]}', '{"output":[{"id":"__proto__"}]}'])("of an odd shape do no harm: %s", (body) =>
    withStore(kind, async ({ responses }) => {
      void responses.keep(kept("a", { body, input: "null" }));
      expect((await responses.find("a", "ann"))?.body).toBe(body);
      await responses.items(["__proto__", "7"], "ann", MOST);
    }),
  );
});
