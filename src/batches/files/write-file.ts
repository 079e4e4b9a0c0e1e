import type { FileBook, StoredFile } from "../../vocabulary/stored-file.ts";

/** Bytes that are written at once. */
const AT_ONCE = 1024 * 1024;

/** Keeps a file, and never more than a megabyte of it in memory. It is there once all of it is. How many bytes it has. */
export async function writeFile(made: Omit<StoredFile, "bytes">, chunks: AsyncIterable<Uint8Array>, book: FileBook): Promise<StoredFile> {
  await book.begin({ ...made, bytes: 0 });
  let waiting: Uint8Array[] = [];
  let size = 0;
  let written = 0;
  const flush = async () => {
    if (size === written) return;
    await book.append({ id: made.id, at: written, bytes: waiting.length === 1 && waiting[0] !== undefined ? waiting[0] : Buffer.concat(waiting) });
    written = size;
    waiting = [];
  };
  for await (const chunk of chunks) {
    waiting.push(chunk);
    size += chunk.length;
    if (size - written >= AT_ONCE) await flush();
  }
  await flush();
  await book.complete(made.id, size);
  return { ...made, bytes: size };
}

/** The bytes of a file, piece by piece. */
export async function* bytesOf(id: string, book: Pick<FileBook, "read">): AsyncGenerator<Uint8Array> {
  for (let at = 0; ; ) {
    const piece = await book.read(id, at);
    if (piece.length === 0) return;
    at += piece.length;
    yield piece;
  }
}
