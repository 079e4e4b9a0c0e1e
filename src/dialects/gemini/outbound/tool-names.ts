import { invalidRequest } from "../../../vocabulary/failure.ts";

/** What Gemini takes as a function's name, by the narrowest of its own descriptions. */
const FITS = /^[A-Za-z_][A-Za-z0-9_.:-]{0,127}$/;
/** Starts every rewritten name, so that the answer's reader knows it without keeping state between request and answer. */
const MARK = "_x_";

/**
 * A tool's name in Gemini's alphabet, never two to one: a name that fits stays; of any other each odd character becomes `_hex_`
 * behind a mark, and `originalName` undoes it. Throws `invalid-request` at `param` for a name longer than Gemini takes.
 */
export function geminiName(name: string, param: string): string {
  if (FITS.test(name) && !name.startsWith(MARK)) return name;
  const rewritten = MARK + Array.from(name, (char) => (/[A-Za-z0-9-]/.test(char) ? char : `_${char.codePointAt(0)?.toString(16)}_`)).join("");
  if (name === "" || rewritten.length > 128)
    throw invalidRequest(param, `${param} is ${JSON.stringify(name)}. This model's provider takes names of 1 to 128 letters, digits, underscores and dashes.`);
  return rewritten;
}

/** The client's name of a tool that Gemini calls. */
export function originalName(name: string): string {
  if (!name.startsWith(MARK)) return name;
  return name.slice(MARK.length).replace(/_([0-9a-f]{1,6})_/g, (all, hex: string) => {
    const code = Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : all;
  });
}
