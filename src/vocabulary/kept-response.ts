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
