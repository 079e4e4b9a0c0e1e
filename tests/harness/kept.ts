import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ResponseMemory } from "../../src/gateway/signalbox.ts";
import { openStore } from "../../src/store/open.ts";

/** A real store of responses in a folder of its own, which keeps them for an hour. */
export async function openResponses(): Promise<{ readonly memory: ResponseMemory; close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-kept-"));
  const store = await openStore({ dataDir: folder });
  return {
    memory: {
      ...store.responses,
      keep: (response) => void store.responses.keep({ ...response, createdAt: Date.now(), expiresAt: Date.now() + 3_600_000 }),
    },
    async close() {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
}
