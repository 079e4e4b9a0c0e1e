import { expect, test } from "bun:test";
import { Mailbox } from "./mailbox.ts";

test("letters are taken once, in order, by whoever waits or comes later", async () => {
  const box = new Mailbox<number>();
  box.put(1);
  box.put(2);
  expect(await box.take()).toBe(1);
  expect(await box.take()).toBe(2);
  const waiting = box.take();
  box.put(3);
  box.put(4);
  expect(await waiting).toBe(3);
  expect(await box.take()).toBe(4);
});

test("a letter that is there is taken without a wait", () => {
  const box = new Mailbox<string>();
  box.put("a");
  expect(box.take()).toBe("a");
});
