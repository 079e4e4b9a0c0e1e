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
  /** Believed when it says on whose behalf it asks: a chat interface with users of its own. */
  readonly vouches?: boolean;
  /** Would rather be refused than answered without a knob it turned. */
  readonly strict?: boolean;
}

/** On whose behalf a caller that vouches for others asks. */
export interface Behalf {
  /** The end user, by the caller's own id for them, else their e-mail address. */
  readonly endUser?: string;
  /** The conversation or session, by the client's own id for it. */
  readonly session?: string;
}
