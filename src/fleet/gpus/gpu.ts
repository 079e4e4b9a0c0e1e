/** A GPU as it is now. Memory is bytes. */
export interface GpuReading {
  /** `0`; on another node `dgx/0`. */
  readonly id: string;
  readonly uuid?: string;
  readonly name: string;
  readonly total: number;
  /** So much of it may be granted to engines, as the config says; absent: all of it. */
  readonly limit?: number;
  readonly used: number;
  /** From 0 to 1; absent: it does not tell. */
  readonly utilisation?: number;
  /** Degrees Celsius; absent: it does not tell. */
  readonly temperature?: number;
  /** Who uses its memory, as far as it tells. */
  readonly processes: readonly GpuProcess[];
  /** Milliseconds since 1970. */
  readonly readAt: number;
}

export interface GpuProcess {
  readonly pid: number;
  readonly name: string;
  /** Absent: it does not tell. */
  readonly used?: number;
}

/** Where GPUs are read: nvidia-smi, the config, or a test. */
export interface GpuSource {
  /** The last reading; empty: there are none, or none was made yet. */
  current(): readonly GpuReading[];
  /** A new reading, made after this was called. Never rejects: a source in trouble gives what it knew and says so. */
  read(): Promise<readonly GpuReading[]>;
  /** Why there are no figures, in a sentence for the operator; absent: there are. */
  trouble(): string | undefined;
  close(): void;
}
