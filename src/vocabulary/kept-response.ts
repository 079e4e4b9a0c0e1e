/** An answer of the Responses API that is kept for its client, and the part of its input that was new. */
export interface KeptResponse {
  readonly id: string;
  /** The user, or the key without one: nobody else may see it. */
  readonly owner: string;
  /** The answer it goes on from. */
  readonly previous?: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly expiresAt: number;
  /** The deployment whose provider keeps it too. */
  readonly deployment?: string;
  /** The new input items: JSON text of a list. */
  readonly input: string;
  /** The Response object: JSON text. */
  readonly body: string;
}

/** Answers kept for their clients. What has expired, or is another owner's, is not there. Promises reject when nobody can say. */
export interface KeptResponses {
  /** Need not be waited for: whatever is asked afterwards finds it. */
  keep(response: KeptResponse): Promise<void>;
  find(id: string, owner: string): Promise<KeptResponse | undefined>;
  /** The response and all it goes on from, oldest first; empty when any of them is gone, `undefined` when they hold more characters than `most`. */
  conversation(id: string, owner: string, most: number): Promise<readonly KeptResponse[] | undefined>;
  /** Items of the owner's responses as JSON text, by their ids; unknown ones are left out. `undefined` when those responses hold more characters than `most`. */
  items(ids: readonly string[], owner: string, most: number): Promise<ReadonlyMap<string, string> | undefined>;
  /** Is any of these, responses or items of responses, another owner's? */
  anyOfOthers(ids: readonly string[], owner: string): Promise<boolean>;
  /** Says whether there was one. */
  remove(id: string, owner: string): Promise<boolean>;
}
