import { BACKSLASH, CLOSE_BRACE, CLOSE_BRACKET, OPEN_BRACE, OPEN_BRACKET, QUOTE } from "../../../shared/json/text.ts";

/** Watches JSON that comes in pieces, for the moment its object is whole. Each character is looked at once. */
export class JsonProgress {
  #depth = 0;
  #inString = false;
  #escaped = false;
  whole = false;

  hear(piece: string): void {
    for (let at = 0; at < piece.length && !this.whole; at++) this.#take(piece.charCodeAt(at));
  }

  #take(code: number): void {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false;
      else if (code === BACKSLASH) this.#escaped = true;
      else if (code === QUOTE) this.#inString = false;
      return;
    }
    if (code === QUOTE) this.#inString = true;
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) this.#depth++;
    else if ((code === CLOSE_BRACE || code === CLOSE_BRACKET) && this.#depth > 0) this.whole = --this.#depth === 0;
  }
}
