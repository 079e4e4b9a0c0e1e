import { overflowIn } from "../../../shared/failures/overflow.ts";

/**
 * A context overflow in Anthropic's words, which its clients act on: Claude Code shortens the conversation when the prompt is too long, and
 * the answer's bound when only both together are. https://platform.claude.com/docs/en/build-with-claude/context-windows
 */
export function overflowWords(message: string): string {
  if (/prompt is too long|input length and `?max_tokens`? exceed/i.test(message)) return message;
  const overflow = overflowIn(message);
  if (overflow === undefined) return `prompt is too long: ${message}`;
  const { prompt, answer, limit } = overflow;
  if (prompt > limit) return `prompt is too long: ${prompt} tokens > ${limit} maximum`;
  if (answer === undefined) return `prompt is too long: ${message}`;
  return `input length and \`max_tokens\` exceed context limit: ${prompt} + ${answer} > ${limit}, decrease input length or \`max_tokens\` and try again`;
}
