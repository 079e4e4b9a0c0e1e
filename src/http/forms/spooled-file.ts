import { type FileHandle, mkdir, open, unlink } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../vocabulary/failure.ts";

/** Bytes read at once. */
const PIECE = 64 * 1024;

/**
 * Bytes on the disk that nobody else can see: the file loses its name as soon as it is open, so that whatever ends this process ends it
 * too. Its methods reject with `internal` when the disk does not do its part.
 */
export class SpooledFile {
  readonly #handle: FileHandle;
  #size = 0;
  #reading = 0;
  #released = false;

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** Opens an empty one in this folder, which is made if need be. */
  static async open(folder: string, name: string): Promise<SpooledFile> {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const path = join(folder, name);
      const handle = await open(path, "wx+", 0o600);
      await unlink(path);
      return new SpooledFile(handle);
    } catch (error) {
      throw noDisk(error);
    }
  }

  get size(): number {
    return this.#size;
  }

  /** Adds bytes at the end. One writer at a time. */
  async append(bytes: Uint8Array): Promise<void> {
    await this.#use(async () => {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, this.#size);
        done += bytesWritten;
        this.#size += bytesWritten;
      }
    });
  }

  /** The bytes from one position up to another, in pieces. Any number of readers at a time. */
  async *read(from: number, to: number): AsyncGenerator<Uint8Array> {
    for (let at = from; at < to; ) {
      const piece = Buffer.allocUnsafeSlow(Math.min(PIECE, to - at));
      const position = at;
      const { bytesRead } = await this.#use(() => this.#handle.read(piece, 0, piece.length, position));
      if (bytesRead === 0) throw noDisk(new Error("the file is shorter than it was"));
      at += bytesRead;
      yield piece.subarray(0, bytesRead);
    }
  }

  /** Nobody needs it any more: it is gone as soon as nobody is at it. Harmless when it is called again. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#closeWhenFree();
  }

  /** Does something with the file, which is not closed meanwhile: the number of a closed file soon means another. */
  async #use<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#released) throw new Failure("client-left", "The request is over.");
    this.#reading++;
    try {
      return await work();
    } catch (error) {
      throw noDisk(error);
    } finally {
      this.#reading--;
      this.#closeWhenFree();
    }
  }

  #closeWhenFree(): void {
    if (this.#released && this.#reading === 0) this.#handle.close().catch(() => undefined);
  }
}

function noDisk(cause: unknown): Failure {
  return new Failure("internal", "Signalbox could not keep the request's files on its disk. The log has the details under this request id.", { cause });
}
