import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { responseMemory } from "../../src/gateway/responses/memory.ts";
import type { ResponseMemory } from "../../src/gateway/signalbox.ts";
import { openStore } from "../../src/store/open.ts";

/** A real store of responses in a folder of its own, which keeps them for an hour; conversations of at most so many characters. */
export async function openResponses(most = 100_000): Promise<{ readonly memory: ResponseMemory; close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-kept-"));
  const store = await openStore({ dataDir: folder });
  const complain = (id: string, error: Error) => {
    throw new Error(`${id} could not be kept`, { cause: error });
  };
  return {
    memory: responseMemory({ kept: store.responses, lifetime: () => 3_600_000, most: () => most, complain }),
    async close() {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
}
