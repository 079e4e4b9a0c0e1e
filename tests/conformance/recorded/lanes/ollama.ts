import type { Lane } from "../lane.ts";
import { askedAgain, judgedFields, judgedSame } from "../same.ts";

const lane = (api: string, path: string): Lane => ({
  name: api,
  takes: (recording) => recording.api === api,
  kind: () => "ollama",
  ask: (recording, name) => ({ path, body: askedAgain(recording, name) }),
  judge: (played) => [...judgedFields(played), ...judgedSame(played)],
});

export const OLLAMA_LANES: readonly Lane[] = [lane("ollama_chat", "/api/chat"), lane("ollama_generate", "/api/generate")];
