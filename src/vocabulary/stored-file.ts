/** A file that a client left with us, or that a batch has written. Times are milliseconds since 1970. */
export interface StoredFile {
  readonly id: string;
  /** The user, or the key without one: nobody else may see it. */
  readonly owner: string;
  /** What it is for: `batch`, `batch_output`. */
  readonly purpose: string;
  readonly filename: string;
  readonly bytes: number;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** Which of somebody's files are wanted. */
export interface FileListing {
  readonly owner: string;
  readonly purpose?: string;
  readonly order: "asc" | "desc";
  readonly limit: number;
  /** The id of the last one of the page before. */
  readonly after?: string;
}

/** Bytes to be put at the end of a file that is being written. */
export interface FileAddition {
  readonly id: string;
  /** So many bytes are there already. */
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** Whose file, and which. */
export interface FileName {
  readonly id: string;
  readonly owner: string;
}

/** Files as they are kept. What has expired, or is not whole yet, is not there. Promises reject when nobody can say. */
export interface FileBook {
  /** Begins a file, which is there once it is whole; in place of one of the same id. */
  begin(file: StoredFile): Promise<void>;
  append(addition: FileAddition): Promise<void>;
  /** It is whole, and so many bytes long. */
  complete(id: string, bytes: number): Promise<void>;
  find(name: FileName): Promise<StoredFile | undefined>;
  /** The wanted ones, and whether there are more. */
  list(listing: FileListing): Promise<{ readonly files: readonly StoredFile[]; readonly more: boolean }>;
  /** Some of its bytes from this position on; none at its end, and none of a file that is gone. */
  read(id: string, at: number): Promise<Uint8Array>;
  /** Says whether there was one. */
  remove(name: FileName): Promise<boolean>;
}
