import type { ServerResponse } from "node:http";

/** A request's body. */
export type Body = Readonly<Record<string, unknown>>;

/** When everything was made: seconds since 1970. */
export const CREATED = 1_795_000_000;

/** vLLM's error body: its `code` is the status, a number. */
export function refuse(response: ServerResponse, { status, type, message }: { status: number; type: string; message: string }): void {
  sendJson(response, status, { error: { message, type, param: null, code: status } });
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const text = JSON.stringify(value);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) }).end(text);
}
