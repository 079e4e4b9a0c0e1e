import { write as writeLater, writeSync } from "node:fs";
import type { Sink } from "./log.ts";

/** Lines to a file descriptor, 1 by default, off the main thread: a pipe that nobody reads must not stop the streams. */
export function descriptorSink(descriptor = 1): Sink {
  return {
    async write(text) {
      let rest: Uint8Array = new TextEncoder().encode(text);
      while (rest.length > 0) rest = rest.subarray(await writeSome(descriptor, rest));
    },
    writeNow(text) {
      let rest: Uint8Array = new TextEncoder().encode(text);
      try {
        while (rest.length > 0) rest = rest.subarray(writeSync(descriptor, rest));
      } catch {
        // On the way out there is nobody left to tell.
      }
    },
  };
}

/** How many bytes were taken. A full non-blocking pipe takes some a little later. */
function writeSome(descriptor: number, bytes: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    writeLater(descriptor, bytes, 0, bytes.length, null, (error, written) => {
      if (!error) resolve(written);
      else if (error.code === "EAGAIN") setTimeout(resolve, 10, 0);
      else reject(error);
    });
  });
}
