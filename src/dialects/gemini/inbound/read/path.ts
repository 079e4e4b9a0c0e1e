import { Failure } from "../../../../vocabulary/failure.ts";

/** What a path below `/v1beta/models/` asks, and of which model. */
export interface Asked {
  readonly model: string;
  /** `generateContent`; empty where none is named. */
  readonly verb: string;
}

/** `gemini-2.5-pro:generateContent`, URL-encoded or not, as model and verb. A model's name may hold slashes and colons: the last colon counts. */
export function readPath(rest: string): Asked {
  const path = readModelPath(rest);
  const colon = path.lastIndexOf(":");
  return colon < 0 ? { model: path, verb: "" } : { model: path.slice(0, colon), verb: path.slice(colon + 1) };
}

/** The model that a path without a method names. Some clients write `models/` before it wherever they name it. */
export function readModelPath(rest: string): string {
  return decoded(rest).replace(/^models\//, "");
}

/** The failure of a path that nobody answers. */
export function unknownVerb({ model, verb }: Asked): Failure {
  const what = verb === "" ? `${JSON.stringify(model)} is a model's name without a method` : `There is no method ${JSON.stringify(verb)} of models here`;
  return new Failure(
    "not-found",
    `${what}. There are generateContent, streamGenerateContent, countTokens, embedContent and batchEmbedContents: POST /v1beta/models/<model>:<method>.`,
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
