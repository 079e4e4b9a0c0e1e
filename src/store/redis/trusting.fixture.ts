import { writeSync } from "node:fs";
import { NEVER, stands, withRedis } from "./opened.fixture.ts";

// Run by line.test.ts in a process of its own, which trusts another authority: keeps a value and prints it.
await withRedis({ url: process.argv[2] ?? "", deadline: 5_000 }, async (store) => {
  await stands(store);
  await store.set("a", "1", NEVER);
  writeSync(1, Buffer.from((await store.get("a")) ?? "nothing"));
});
