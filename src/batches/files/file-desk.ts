import { randomBytes } from "node:crypto";
import type { Clock } from "../../vocabulary/clock.ts";
import { Failure } from "../../vocabulary/failure.ts";
import type { FileBook, FileListing, StoredFile } from "../../vocabulary/stored-file.ts";
import { answered } from "../answered.ts";
import type { BatchSettings } from "../parts.ts";
import { bytesOf, writeFile } from "./write-file.ts";

/** A file as its client leaves it with us. */
export interface FileWish {
  readonly owner: string;
  readonly purpose: string;
  readonly filename: string;
  /** How long it is kept; milliseconds, and no longer than any. */
  readonly lifetime: number | undefined;
}

/** What those ask who leave files here. `not-found` is thrown for what is not there, or another's; every promise rejects with `overloaded` while nobody can say. */
export interface FileDesk {
  /** Bytes of the largest file. */
  mostBytes(): number;
  keep(wish: FileWish, content: AsyncIterable<Uint8Array>): Promise<StoredFile>;
  find(id: string, owner: string): Promise<StoredFile>;
  list(listing: FileListing): ReturnType<FileBook["list"]>;
  content(id: string): AsyncIterable<Uint8Array>;
  remove(id: string, owner: string): Promise<void>;
}

interface DeskParts {
  readonly book: FileBook;
  readonly settings: () => BatchSettings;
  readonly clock: Pick<Clock, "now">;
  /** Clears what has expired, now and then. */
  clear(): Promise<void>;
}

export function createFileDesk({ book, settings, clock, clear }: DeskParts): FileDesk {
  return {
    mostBytes: () => settings().mostBytes,
    keep({ lifetime = settings().keep, ...wish }, content) {
      const createdAt = clock.now();
      // What was not cleared now will be in an hour.
      void clear().catch(() => undefined);
      const id = `file-${randomBytes(12).toString("hex")}`;
      return answered(writeFile({ ...wish, id, createdAt, expiresAt: createdAt + Math.min(lifetime, settings().keep) }, content, book));
    },
    find: async (id, owner) => (await answered(book.find({ id, owner }))) ?? unknown(id),
    list: (listing) => answered(book.list(listing)),
    content: (id) => bytesOf(id, book),
    async remove(id, owner) {
      if (!(await answered(book.remove({ id, owner })))) unknown(id);
    },
  };
}

function unknown(id: string): never {
  throw new Failure("not-found", `There is no file ${JSON.stringify(id)} of this key's or its user's. It may have expired.`);
}
