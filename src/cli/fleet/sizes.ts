/** Bytes for people: `22.0 GiB`; nothing for none. */
export function gibibytes(bytes: number | undefined): string {
  return bytes === undefined || bytes === 0 ? "" : `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
