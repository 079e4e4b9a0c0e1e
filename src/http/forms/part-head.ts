import { invalidRequest } from "../../vocabulary/failure.ts";

/** What the head of a part says of it. */
export interface PartHead {
  /** The field's name. */
  readonly name: string;
  /** Is it a file rather than a value? */
  readonly file: boolean;
  /** What the client calls the file, where that is plain text. */
  readonly filename?: string;
  /** Is its content written in some other way than as it is: base64, quoted-printable? */
  readonly encoded: boolean;
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** One parameter: `; name="value"` or `; name=value`. */
const PARAMETER = /;[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s";,]+))[ \t]*/y;

/**
 * Reads the head of a part of a form (RFC 7578, section 4.2), given without its blank line. Throws `invalid-request` for whatever one
 * server might read in one way and the next in another: whose model is asked for must not depend on who reads.
 */
export function readPartHead(text: string): PartHead {
  let disposition: string | undefined;
  let encoded = false;
  for (const line of text.split("\r\n")) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon));
    const value = line.slice(colon + 1).trim();
    if (!TOKEN.test(name)) throw malformed(`has the header line ${JSON.stringify(line.slice(0, 100))}`);
    switch (name.toLowerCase()) {
      case "content-disposition":
        if (disposition !== undefined) throw malformed("has two content-disposition headers");
        disposition = value;
        break;
      case "content-transfer-encoding":
        encoded = !/^(7bit|8bit|binary)$/i.test(value);
        break;
    }
  }
  if (disposition === undefined) throw malformed("has no content-disposition header");
  return { ...readDisposition(disposition), encoded };
}

function readDisposition(value: string): Pick<PartHead, "name" | "file" | "filename"> {
  const type = /^form-data[ \t]*(?=;|$)/i.exec(value)?.[0];
  if (type === undefined) throw malformed(`is no form-data: ${JSON.stringify(value.slice(0, 100))}`);
  let name: string | undefined;
  let filename: string | undefined;
  let file = false;
  PARAMETER.lastIndex = type.length;
  for (let at = type.length; at < value.length; at = PARAMETER.lastIndex) {
    PARAMETER.lastIndex = at;
    const [, parameter = "", quoted, plain = ""] = PARAMETER.exec(value) ?? [];
    if (parameter === "") throw malformed(`has a content-disposition that cannot be read: ${JSON.stringify(value.slice(0, 100))}`);
    switch (parameter.toLowerCase()) {
      case "name":
        if (name !== undefined) throw malformed("has two names");
        name = quoted === undefined ? plain : unescaped(quoted);
        break;
      case "name*":
        throw malformed("has a name in an encoding, name*, which forms do not have");
      case "filename":
        filename = quoted === undefined ? plain : unescaped(quoted);
        file = true;
        break;
      case "filename*":
        file = true;
    }
  }
  if (name === undefined) throw malformed("has no name");
  return { name, file, filename };
}

function unescaped(quoted: string): string {
  return quoted.replace(/\\(.)/g, "$1");
}

/** A form that cannot be read. `what` goes on from "A part of it". */
function malformed(what: string) {
  return invalidRequest("", `The request body is not valid multipart/form-data: a part of it ${what}.`);
}
