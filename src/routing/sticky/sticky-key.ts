import type { Sticky } from "../../vocabulary/model.ts";
import type { Ask } from "../ask.ts";

/** What makes a request belong together with others: the same words, the same deployment. */
export interface StickyKey {
  /** Which of its marks it is: `its session`. */
  readonly of: string;
  readonly words: string;
}

/**
 * A session as clients name it: our own header; Claude Code's; Codex' (its older versions wrote `session_id`); opencode's two; and what others
 * call theirs. Codex' `thread-id` and Open WebUI's chat id name one conversation.
 */
const SESSION = ["x-signalbox-session", "x-claude-code-session-id", "session-id", "session_id", "x-session-id", "x-session-affinity"];
const CHAT = ["x-openwebui-chat-id", "thread-id"];

/** The part of a prompt by which conversations are told apart where nothing else does: short, as it has to be there from the first turn on. Characters. */
const BEGINNING = 512;

/** `undefined` when the request has no such mark. */
export function stickyKey(sticky: Sticky, ask: Ask): StickyKey | undefined {
  if (typeof sticky === "object") return keyOf(`its ${sticky.header}`, ask.headers?.get(sticky.header.toLowerCase()));
  switch (sticky) {
    case "session":
      return session(ask);
    case "chat":
      return chat(ask);
    case "user":
      return endUser(ask) ?? user(ask);
    case "prefix":
      return beginning(ask);
    case "auto":
      // A key's own user is a service as often as a person: all its traffic on one deployment is the last thing to want.
      return session(ask) ?? chat(ask) ?? endUser(ask) ?? beginning(ask) ?? user(ask);
    default:
      return sticky satisfies never;
  }
}

const session = ({ headers, behalf }: Ask) => keyOf("its session", firstOf(headers, SESSION) ?? behalf?.session);
const chat = ({ headers, behalf }: Ask) => keyOf("its chat", firstOf(headers, CHAT) ?? behalf?.session);
const endUser = ({ behalf }: Ask) => keyOf("its user", behalf?.endUser);
const user = ({ caller }: Ask) => keyOf("its user", caller?.userId);
const beginning = ({ prompt }: Ask) => keyOf("its beginning", prompt?.text().slice(0, BEGINNING));

function firstOf(headers: Ask["headers"], names: readonly string[]): string | null | undefined {
  for (const name of names) {
    const value = headers?.get(name);
    if (value) return value;
  }
  return undefined;
}

function keyOf(of: string, words: string | null | undefined): StickyKey | undefined {
  return words ? { of, words } : undefined;
}
