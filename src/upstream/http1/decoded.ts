import type { Duplex } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from "node:zlib";
import { Failure } from "../../vocabulary/failure.ts";
import type { ByteSource } from "./body.ts";

const DECODERS: ReadonlyMap<string, () => Duplex> = new Map(
  Object.entries({
    gzip: createGunzip,
    "x-gzip": createGunzip,
    deflate: createInflate,
    br: createBrotliDecompress,
    zstd: createZstdDecompress,
  }),
);

/**
 * The source behind a `content-encoding`. We ask for none, so that no first token waits in somebody's compressor, but some send one all
 * the same. Throws `upstream-error` for an encoding nobody knows.
 */
export function decoded(source: ByteSource, encoding: string | null): ByteSource {
  if (encoding === null || encoding === "" || encoding.toLowerCase() === "identity") return source;
  const make = DECODERS.get(encoding.toLowerCase());
  if (make === undefined) throw new Failure("upstream-error", `The upstream compresses its answer as ${JSON.stringify(encoding.slice(0, 100))}.`);
  const decoder = make();
  let cut: Error | undefined;
  const stop = (reason: Error) => {
    cut ??= reason;
    decoder.end();
  };
  const pour = async (): Promise<void> => {
    for (let bytes = await source.next(); bytes !== undefined; bytes = await source.next()) {
      if (!decoder.write(bytes)) await new Promise((resolve) => decoder.once("drain", resolve));
    }
    decoder.end();
  };
  pour().catch(stop);
  const pieces = decoder[Symbol.asyncIterator]();
  return {
    async next() {
      const piece = await pieces.next().catch((error) => {
        throw cut ?? new Failure("upstream-error", `The upstream's answer cannot be decompressed (${encoding}).`, { cause: error });
      });
      if (piece.done !== true) return piece.value as Buffer;
      if (cut !== undefined) throw cut;
      return undefined;
    },
  };
}
