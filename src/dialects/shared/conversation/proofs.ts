/**
 * Proofs of thinking are opaque, and only who made them may see them again. Anthropic's are bare; those of OpenAI's Responses are told apart by
 * this mark wherever they travel: in neutral words, and in the places other dialects have for proofs.
 */
const RESPONSES_MARK = "openai-responses:";

/** A reasoning item of a Responses upstream as a proof: its id, without which its content is refused, and the content. */
export function responsesProof(id: string, encrypted: string): string {
  return `${RESPONSES_MARK}${id}:${encrypted}`;
}

/** The reasoning item a proof was made from; `undefined` for anybody else's proof. */
export function readResponsesProof(proof: string): { readonly id: string; readonly encrypted: string } | undefined {
  if (!proof.startsWith(RESPONSES_MARK)) return undefined;
  const rest = proof.slice(RESPONSES_MARK.length);
  const colon = rest.indexOf(":");
  return { id: rest.slice(0, colon), encrypted: rest.slice(colon + 1) };
}

/** May this proof be Anthropic's? */
export function isAnthropicProof(proof: string | undefined): proof is string {
  return proof !== undefined && proof !== "" && !proof.startsWith(RESPONSES_MARK);
}

/** What marks proofs other than OpenAI's own in a reasoning item's `encrypted_content`, the place Responses clients carry them in. */
const ANTHROPIC_MARK = "anthropic-messages:";
const REDACTED_MARK = `${ANTHROPIC_MARK}redacted:`;

/** A proof as `encrypted_content`: marked with whose it is. */
export function encryptedProof(proof: string): string {
  return proof.startsWith(RESPONSES_MARK) ? proof : ANTHROPIC_MARK + proof;
}

/** Thinking that was redacted as `encrypted_content`. */
export function encryptedRedaction(data: string): string {
  return REDACTED_MARK + data;
}

/** Is this `encrypted_content` OpenAI's own, with no mark of ours? */
export function isBareProof(encrypted: string): boolean {
  return !encrypted.startsWith(ANTHROPIC_MARK) && !encrypted.startsWith(RESPONSES_MARK);
}

/** The proof or the redacted thinking in the `encrypted_content` of a reasoning item with this id; what bears no mark is OpenAI's own. */
export function readEncrypted(id: string, encrypted: string): { readonly signature: string } | { readonly redacted: string } {
  if (encrypted.startsWith(REDACTED_MARK)) return { redacted: encrypted.slice(REDACTED_MARK.length) };
  if (encrypted.startsWith(ANTHROPIC_MARK)) return { signature: encrypted.slice(ANTHROPIC_MARK.length) };
  return { signature: encrypted.startsWith(RESPONSES_MARK) ? encrypted : responsesProof(id, encrypted) };
}
