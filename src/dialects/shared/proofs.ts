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
