/** What is to be done in the world. Everything else is in the state. */
export type Effect =
  /** Make and start it; `started`, `start-failed` or `exited` follow. */
  | { readonly type: "start"; readonly engine: string; readonly generation: number }
  /** End it, and take away what is left; `stopped` or `stop-failed` follows. */
  | { readonly type: "stop"; readonly engine: string; readonly generation: number; readonly why: string }
  /** Read the GPUs; `measured` follows. */
  | { readonly type: "measure" };
