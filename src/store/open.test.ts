import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openStore } from "./open.ts";
import { errorOf, plain } from "./stores.fixture.ts";
import { inFolder, key, record } from "./temporary.fixture.ts";

describe("the data folder", () => {
  test("keeps everything through close and open, what was not flushed too", () =>
    inFolder(async (dataDir) => {
      const first = await openStore({ dataDir });
      first.requests.append(record(1));
      await first.keys.insert(key("a"));
      first.keys.seen("id-a", 70);
      await Promise.all([first.close(), first.close()]);
      expect(existsSync(join(dataDir, "requests.db-wal"))).toBe(false);
      const second = await openStore({ dataDir });
      expect(plain(await second.requests.find("req_1"))).toEqual(record(1));
      expect((await second.keys.findByHash("hash-a"))?.lastUsedAt).toBe(70);
      await second.close();
    }));

  test("is let go of whole, even when nothing was asked of it", () =>
    inFolder(async (dataDir) => {
      await (await openStore({ dataDir })).close();
      expect(readdirSync(dataDir).filter((name) => name.endsWith("-wal"))).toEqual([]);
    }));

  test("takes one instance at a time, and says so", () =>
    inFolder(async (dataDir) => {
      const store = await openStore({ dataDir });
      expect((await errorOf(openStore({ dataDir }))).message).toMatch(/Another Signalbox is running.*--data-dir/);
      await store.close();
    }));

  test("of a newer Signalbox is refused, and free again afterwards", () =>
    inFolder(async (dataDir) => {
      await (await openStore({ dataDir })).close();
      const ledger = new Database(join(dataDir, "ledger.db"));
      ledger.run("INSERT INTO migrations (id, applied_at) VALUES ('9999-later', 0)");
      ledger.close();
      for (let time = 0; time < 2; time++) expect((await errorOf(openStore({ dataDir }))).message).toMatch(/ledger\.db was written by a newer Signalbox/);
    }));

  test("with a file that is no database is refused with its name", () =>
    inFolder(async (dataDir) => {
      writeFileSync(join(dataDir, "requests.db"), "not a database, but long enough to look at".repeat(100));
      expect((await errorOf(openStore({ dataDir }))).message).toMatch(/requests\.db cannot be opened/);
    }));

  test("that cannot be made is refused with what to do", () =>
    inFolder(async (folder) => {
      writeFileSync(join(folder, "file"), "");
      expect((await errorOf(openStore({ dataDir: join(folder, "file", "data") }))).message).toContain("--data-dir");
    }));
});

describe("kill -9", () => {
  test("loses no key and no row that was flushed, and frees the folder", () =>
    inFolder(async (dataDir) => {
      const child = Bun.spawn([process.execPath, new URL("./killed.fixture.ts", import.meta.url).pathname, dataDir], { stdout: "pipe", stderr: "inherit" });
      const said = await new Response(child.stdout).text();
      await child.exited;
      expect([child.signalCode, said]).toEqual(["SIGKILL", "written"]);
      const store = await openStore({ dataDir });
      expect((await store.keys.list({ limit: 10 })).rows.map((row) => row.id)).toEqual(["id-a"]);
      expect((await store.requests.list({ limit: 1000 })).rows.length).toBeGreaterThanOrEqual(600);
      await store.close();
    }));
});
