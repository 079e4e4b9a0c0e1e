/** How far the text of an object has come: not begun, begun, closed, or something else altogether. */
type Progress = "empty" | "open" | "whole" | "other";

const QUOTE = 34;
const BACKSLASH = 92;

/**
 * The text of one JSON object as it comes in pieces. Upstreams let the arguments of several calls take turns, and nothing but the text
 * itself says when a call's are complete.
 */
export class ObjectText {
  #progress: Progress = "empty";
  #depth = 0;
  #inString = false;
  #escaped = false;

  get progress(): Progress {
    return this.#progress;
  }

  /** What of the piece belongs to the object: nothing before its brace, nothing after its end, nothing of anything else. */
  take(piece: string): string {
    if (this.#progress === "whole" || this.#progress === "other") return "";
    let from = 0;
    if (this.#progress === "empty") {
      from = piece.search(/\S/);
      if (from < 0) return "";
      this.#progress = piece.charAt(from) === "{" ? "open" : "other";
      if (this.#progress === "other") return "";
    }
    for (let at = from; at < piece.length; at++) if (this.#closesAt(piece.charCodeAt(at))) return piece.slice(from, at + 1);
    return piece.slice(from);
  }

  #closesAt(code: number): boolean {
    if (this.#escaped) this.#escaped = false;
    else if (this.#inString && code === BACKSLASH) this.#escaped = true;
    else if (code === QUOTE) this.#inString = !this.#inString;
    else if (this.#inString) return false;
    // Braces and brackets alike: { is 123 and [ is 91, each closed by the second code after it.
    else if (code === 123 || code === 91) this.#depth++;
    else if ((code === 125 || code === 93) && --this.#depth === 0) {
      this.#progress = "whole";
      return true;
    }
    return false;
  }
}
