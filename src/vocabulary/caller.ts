/** Who is asking. */
export interface Caller {
  readonly keyId: string;
  readonly keyName: string;
  readonly userId?: string;
  /** Where the key is used, as its maker said: `webui`, `n8n`. */
  readonly source?: string;
  /** May use the management routes. */
  readonly admin: boolean;
  /** Public model names this key may use; absent: all. */
  readonly models?: readonly string[];
}
