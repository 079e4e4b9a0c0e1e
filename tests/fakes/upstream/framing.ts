import { parseJson } from "../../../src/vocabulary/json.ts";

/** What a frame is for, so that a script can leave a kind out. */
export type FrameKind = "start" | "content" | "finish" | "usage" | "end" | "error";

/** One frame of a streamed answer before it has bytes. */
export interface AnswerFrame {
  readonly kind: FrameKind;
  /** SSE event name. */
  readonly event?: string;
  readonly data: string;
}

/** Everything the SSE standard allows and some service somewhere does. */
export interface FramingQuirks {
  readonly newline?: "\n" | "\r\n" | "\r";
  /** A byte order mark before the first frame. */
  readonly bom?: boolean;
  /** JSON spread over several `data:` lines. */
  readonly multiline?: boolean;
  /** A comment line before every frame. */
  readonly comments?: boolean;
  /** A ping before every content frame: an event of its own in the dialects that have one, a comment block in others. */
  readonly pings?: boolean;
  /** `data:{…}` without the space. */
  readonly tight?: boolean;
  /** `id:` and `retry:` fields in every frame. */
  readonly fields?: boolean;
}

export type Framing = "sse" | "ndjson" | "json-array";

const encoder = new TextEncoder();

/** The frames as bytes, one array element each. */
export function frameBytes(frames: readonly AnswerFrame[], framing: Framing, quirks: FramingQuirks = {}): Uint8Array[] {
  switch (framing) {
    case "ndjson":
      return frames.map((frame) => encoder.encode(`${frame.data}${quirks.newline ?? "\n"}`));
    case "json-array":
      return frames.map((frame, index) => encoder.encode(`${index === 0 ? "[" : ",\r\n"}${frame.data}${index === frames.length - 1 ? "]" : ""}`));
    case "sse":
      return frames.map((frame, index) => encoder.encode((index === 0 && quirks.bom ? "\uFEFF" : "") + sseText(frame, index, quirks)));
    default:
      return framing satisfies never;
  }
}

function sseText(frame: AnswerFrame, index: number, quirks: FramingQuirks): string {
  const newline = quirks.newline ?? "\n";
  const space = quirks.tight ? "" : " ";
  const lines: string[] = [];
  if (quirks.pings && frame.kind === "content") lines.push(...pingLines(frame));
  if (quirks.comments) lines.push(": keep-alive");
  if (quirks.fields) lines.push(`id:${space}${index}`, `retry:${space}3000`);
  if (frame.event !== undefined) lines.push(`event:${space}${frame.event}`);
  for (const line of dataLines(frame.data, quirks)) lines.push(`data:${space}${line}`);
  return `${lines.join(newline)}${newline}${newline}`;
}

/** Dialects with named events, Anthropic's and the Responses API's, have one for pings; elsewhere a ping is a comment and a blank line. */
function pingLines({ event }: AnswerFrame): string[] {
  if (event === undefined) return [": ping", ""];
  const name = event.startsWith("response.") ? "keepalive" : "ping";
  return [`event: ${name}`, `data: {"type": "${name}"}`, ""];
}

function dataLines(data: string, quirks: FramingQuirks): string[] {
  const json = quirks.multiline ? parseJson(data) : undefined;
  return json === undefined ? [data] : JSON.stringify(json, null, 1).split("\n");
}
