import type { Lane } from "../lane.ts";
import { askedAgain, judgedSame, judgedText } from "../same.ts";

const lane = (api: string, path: string): Lane => ({
  name: api,
  takes: (recording) => recording.api === api,
  kind: () => "anthropic",
  ask: (recording, name) => ({ path, body: askedAgain(recording, name) }),
  judge: (played) => [...judgedText(played), ...judgedSame(played)],
});

export const ANTHROPIC_LANES: readonly Lane[] = [lane("anthropic_messages", "/v1/messages"), lane("anthropic_count_tokens", "/v1/messages/count_tokens")];
