import type { ChatRequest } from "../../../vocabulary/chat.ts";
import { invalidRequest } from "../../../vocabulary/failure.ts";
import { placeOf } from "../places.ts";

/** For providers that give one answer, in text: throws `invalid-request` for several answers, and for answers in pictures or sound. */
export function refuseMoreThanOneText({ choices, modalities }: ChatRequest): void {
  if (choices > 1) throw invalidRequest("n", `n is ${choices}, but this model's provider gives one answer per request. Ask several times instead.`);
  const odd = modalities?.find((modality) => modality !== "text");
  if (odd === undefined) return;
  const path = placeOf(modalities, "modalities");
  throw invalidRequest(path, `${path} asks for ${odd}, but this model answers in text only.`);
}
