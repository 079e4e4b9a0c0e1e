import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openStore } from "../store/open.ts";
import { describeStores } from "../store/stores.fixture.ts";
import { inFolder } from "../store/temporary.fixture.ts";
import type { DeclaredKey } from "./declared-keys.ts";
import { createIdentity } from "./identify.ts";
import { createKeys } from "./keys.ts";

const webui = (key: string): DeclaredKey => ({ origin: "environment:WEBUI_API_KEY", name: "webui", key, source: "webui" });

describeStores("keys over a real ledger", (kind) => {
  test("restarts, rotation, revocation, and no plain key kept", () =>
    inFolder(async (dataDir) => {
      const own = { first: "webui-key-number-one", second: "webui-key-number-two" };
      const place = await kind.fresh();
      const start = async () => {
        const store = await openStore({ dataDir, ...place });
        const identity = createIdentity({ keys: store.keys });
        const keys = createKeys({ book: store.keys, users: store.users, teams: store.teams, forget: identity.forget });
        const caller = async (key: string) => {
          try {
            const { keyName, source, role } = await identity.identify(new Headers({ "x-api-key": key }));
            return { keyName, source, role };
          } catch {
            return "refused";
          }
        };
        return { store, keys, caller };
      };
      const one = await start();
      const { key: adminKey = "" } = await one.keys.ensureAdminKey();
      await one.keys.syncDeclared([webui(own.first)]);
      const made = await one.keys.create({ name: "ci", models: ["m"] });
      expect(await one.caller(adminKey)).toEqual({ keyName: "admin", source: undefined, role: "admin" });
      expect(await one.caller(own.first)).toEqual({ keyName: "webui", source: "webui", role: "member" });
      expect(await one.caller(made.key)).toEqual({ keyName: "ci", source: undefined, role: "member" });
      await one.keys.revoke(made.row.id);
      expect(await one.caller(made.key)).toBe("refused");
      await one.store.close();

      const two = await start();
      expect((await two.keys.ensureAdminKey()).key).toBeUndefined();
      expect(await two.keys.syncDeclared([webui(own.first)])).toMatchObject({ created: [], rotated: [], revoked: [] });
      expect(await two.keys.syncDeclared([webui(own.second)])).toMatchObject({ rotated: ["environment:WEBUI_API_KEY"] });
      expect(await two.caller(own.first)).toBe("refused");
      expect(await two.caller(own.second)).toMatchObject({ source: "webui" });
      expect(await two.keys.syncDeclared([webui(own.first)])).toMatchObject({ rotated: ["environment:WEBUI_API_KEY"] });
      expect([await two.caller(own.first), await two.caller(own.second)]).toEqual([{ keyName: "webui", source: "webui", role: "member" }, "refused"]);
      expect(await two.caller(adminKey)).toMatchObject({ role: "admin" });
      const everything = await two.store.keys.list({ limit: 100 });
      await two.store.close();

      const kept = [JSON.stringify(everything), ...readdirSync(dataDir).map((file) => readFileSync(join(dataDir, file), "latin1"))];
      expect(kept.length).toBeGreaterThanOrEqual(2);
      for (const plain of [adminKey, own.first, own.second, made.key]) expect(kept.some((text) => text.includes(plain))).toBe(false);
    }));
});
