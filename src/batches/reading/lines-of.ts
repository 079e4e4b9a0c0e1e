/** A line of a file, without its end. */
export interface FileLine {
  /** From 1 on; empty lines count. */
  readonly number: number;
  /** Absent: it is longer than it may be. */
  readonly bytes?: Uint8Array;
}

const LINE_END = 10;

/** The lines of bytes cut anywhere. Of one that is too long no more is held than it may have. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>, longest: number): AsyncGenerator<FileLine> {
  let number = 1;
  let held: Uint8Array[] = [];
  let length = 0;
  const take = (bytes: Uint8Array) => {
    length += bytes.length;
    if (length > longest) held = [];
    else held.push(bytes);
  };
  const line = (): FileLine => {
    const bytes = length > longest ? undefined : Buffer.concat(held);
    held = [];
    length = 0;
    return bytes === undefined ? { number: number++ } : { number: number++, bytes };
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(LINE_END); end >= 0; end = chunk.indexOf(LINE_END, from)) {
      take(chunk.subarray(from, end));
      yield line();
      from = end + 1;
    }
    take(chunk.subarray(from));
  }
  if (length > 0) yield line();
}
