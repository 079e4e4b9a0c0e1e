import type { Message, TextPart, UserPart } from "../../../vocabulary/chat.ts";

/**
 * Messages for models whose templates let the system speak at the start only: what it says later is the user's text, marked as the system's,
 * and part of the user's turn it follows.
 */
export function withoutMidSystem(messages: readonly Message[]): readonly Message[] {
  const first = messages.findIndex(({ role }) => role !== "system");
  if (first < 0 || !messages.some(({ role }, index) => index > first && role === "system")) return messages;
  const written: Message[] = messages.slice(0, first);
  for (const message of messages.slice(first)) {
    const last = written.at(-1);
    if (message.role !== "system") written.push(message);
    else if (last?.role === "user") written[written.length - 1] = { ...last, parts: [...last.parts, marked(message)] };
    else written.push({ role: "user", parts: [marked(message)] });
  }
  return written;
}

function marked({ parts }: Extract<Message, { role: "system" }>): UserPart {
  return { type: "text", text: systemAsText(parts) };
}

/** What the system says, as text for a user's turn. */
export function systemAsText(parts: readonly TextPart[]): string {
  return `<system>\n${parts.map(({ text }) => text).join("\n\n")}\n</system>`;
}
