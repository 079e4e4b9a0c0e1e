/** The store cannot be opened or has stopped working. The message is for the operator: what is wrong and what to do. */
export class StoreTrouble extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "StoreTrouble";
  }
}
