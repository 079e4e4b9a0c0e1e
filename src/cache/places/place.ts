/** Where kept answers lie. Every promise is settled within a bounded time; those of a place that several gateways share reject when it is away. */
export interface Place {
  get(key: string): Promise<Uint8Array | undefined>;
  /** The same, and it does not count as a use. */
  peek(key: string): Promise<Uint8Array | undefined>;
  /** Keeps the bytes for so many milliseconds. */
  set(key: string, bytes: Uint8Array, milliseconds: number): Promise<void>;
  /** Removes every key that begins so, and gives how many there were. */
  deleteAll(beginning: string): Promise<number>;
  /** What lies there, where that is known without looking at all of it. */
  size(): Size | undefined;
}

export interface Size {
  readonly entries: number;
  readonly bytes: number;
}
