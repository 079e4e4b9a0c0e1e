import { expect, test } from "bun:test";
import { openStore } from "../open.ts";
import { inFolder } from "../temporary.fixture.ts";
import type { AuditListing } from "./audit-queries.ts";
import type { AuditRow } from "./audit-row.ts";

const row = (at: number, more: Partial<AuditRow> = {}): AuditRow => ({
  at,
  action: "key.change",
  actorKey: "key_1",
  actorName: "admin's 'key'",
  role: "admin",
  requestId: `req_${at}`,
  ...more,
});
const WHOLE = row(3, {
  actorUser: "ann",
  targetKind: "key",
  targetId: "key_2",
  before: { models: ["m"], name: 'n"' },
  after: { models: null, blocked_at: "2026" },
  address: "127.0.0.1",
});

test("comes back as it went in, the last first, by whom, what, about whom and when", () =>
  inFolder(async (dataDir) => {
    const store = await openStore({ dataDir });
    try {
      const rows = [row(1, { actorKey: "key_9" }), row(2, { action: "user.create" }), WHOLE, row(4), row(4)];
      for (const each of rows) await store.audit.append(each);
      const list = async (listing: Partial<AuditListing>) => (await store.audit.list({ limit: 10, ...listing })).rows.map(({ at }) => at);
      expect((await store.audit.list({ limit: 10, target: "key_2" })).rows).toEqual([WHOLE]);
      expect(await list({})).toEqual([4, 4, 3, 2, 1]);
      expect([await list({ actor: "key_9" }), await list({ actor: "ann" }), await list({ action: "user.create" })]).toEqual([[1], [3], [2]]);
      expect([await list({ from: 3 }), await list({ to: 3 }), await list({ from: 2, to: 4, actor: "key_1" })]).toEqual([
        [4, 4, 3],
        [2, 1],
        [3, 2],
      ]);
      const first = await store.audit.list({ limit: 2 });
      expect(await list({ before: first.next })).toEqual([3, 2, 1]);
      expect(await store.audit.list({ limit: 2, before: "x" }).catch((error: Error) => error.message)).toContain("cursor");
    } finally {
      await store.close();
    }
  }));
