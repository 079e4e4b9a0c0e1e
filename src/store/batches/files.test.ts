import { expect, test } from "bun:test";
import type { StoredFile } from "../../vocabulary/stored-file.ts";
import { describeStores, withStore } from "../stores.fixture.ts";
import type { BatchStore } from "./batches.ts";

const HOUR = 3_600_000;
const NOW = Date.now();
const file = (id: string, more: Partial<StoredFile> = {}): StoredFile => ({
  ...{ id, owner: "ann", purpose: "batch", filename: `${id}.jsonl`, bytes: 3, createdAt: NOW, expiresAt: NOW + HOUR },
  ...more,
});

async function put({ files }: BatchStore, made: StoredFile, content: Uint8Array = Buffer.from("abc")): Promise<void> {
  await files.begin(made);
  await files.append({ id: made.id, at: 0, bytes: content });
  await files.complete(made.id, content.length);
}

async function contentOf({ files }: BatchStore, id: string): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for (let at = 0; ; ) {
    const piece = await files.read(id, at);
    if (piece.length === 0) return Buffer.concat(pieces);
    at += piece.length;
    pieces.push(piece);
  }
}

describeStores("files", (kind) => {
  test("are there once they are whole, byte by byte, after a restart too", () =>
    withStore(kind, async ({ batches }, reopen) => {
      const content = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 251));
      const made = file("file-1", { bytes: content.length });
      await batches.files.begin(made);
      await batches.files.append({ id: "file-1", at: 0, bytes: content.subarray(0, 130_000) });
      expect(await batches.files.find({ id: "file-1", owner: "ann" })).toBeUndefined();
      await batches.files.append({ id: "file-1", at: 130_000, bytes: content.subarray(130_000) });
      await batches.files.complete("file-1", content.length);
      const { batches: again } = await reopen();
      expect(await again.files.find({ id: "file-1", owner: "ann" })).toEqual(made);
      expect((await contentOf(again, "file-1")).equals(content)).toBe(true);
      expect(Buffer.from((await again.files.read("file-1", 65_530)).subarray(0, 10)).equals(content.subarray(65_530, 65_536))).toBe(true);
    }));

  test("belong to their owner, and expire", () =>
    withStore(kind, async ({ batches }) => {
      await put(batches, file("file-1"));
      await put(batches, file("file-2", { expiresAt: NOW - 1 }));
      expect(await batches.files.find({ id: "file-1", owner: "bob" })).toBeUndefined();
      expect(await batches.files.remove({ id: "file-1", owner: "bob" })).toBe(false);
      expect(await batches.files.find({ id: "file-2", owner: "ann" })).toBeUndefined();
      await batches.removeExpired(NOW);
      expect([(await contentOf(batches, "file-1")).toString(), (await contentOf(batches, "file-2")).length]).toEqual(["abc", 0]);
      expect(await batches.files.remove({ id: "file-1", owner: "ann" })).toBe(true);
      expect((await contentOf(batches, "file-1")).length).toBe(0);
    }));

  test("are listed page by page, in either order, of one purpose", () =>
    withStore(kind, async ({ batches }) => {
      for (const id of ["a", "b", "c"]) await put(batches, file(id));
      await put(batches, file("d", { createdAt: NOW + 1, purpose: "batch_output" }));
      await put(batches, file("e", { owner: "bob" }));
      const page = async (more: object) => {
        const { files, more: others } = await batches.files.list({ owner: "ann", order: "desc", limit: 2, ...more });
        return `${files.map(({ id }) => id).join(" ")}${others ? " …" : ""}`;
      };
      expect(await page({})).toBe("d c …");
      expect(await page({ after: "c" })).toBe("b a");
      expect(await page({ order: "asc", limit: 3 })).toBe("a b c …");
      expect(await page({ order: "asc", after: "c" })).toBe("d");
      expect(await page({ purpose: "batch_output" })).toBe("d");
      expect(await page({ after: "e" })).toBe("");
    }));
});
