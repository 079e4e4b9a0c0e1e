/** What a model may be for besides chats and vectors. */
export type OtherTask = "rerank" | "moderate" | "picture" | "speak" | "transcribe";

/** A simulated model: what it does and how well it behaves, as data. */
export interface DemoModel {
  readonly id: string;
  readonly task: "chat" | "embed" | OtherTask;
  readonly about: string;
  /** Milliseconds before the first token. */
  readonly firstDelay: number;
  /** Milliseconds between tokens. */
  readonly tokenDelay: number;
  readonly thinks: boolean;
  /** What happens on which call, in turns; absent: every call goes well. */
  readonly faults?: readonly DemoFault[];
}

/** `cut` ends a stream in the middle of the answer without its end mark, `error-frame` says so inside a 200, `stall` says nothing for ten minutes. */
export type DemoFault = "none" | "unavailable" | "rate-limited" | "broken" | "error-frame" | "cut" | "stall";

const chat = { task: "chat", firstDelay: 120, tokenDelay: 15, thinks: false } as const;

const other = (id: string, task: OtherTask, about: string): DemoModel => ({ id, task, about, firstDelay: 5, tokenDelay: 5, thinks: false });

export const DEMO_MODELS: readonly DemoModel[] = [
  { ...chat, id: "demo-chat", about: "Answers at once, token by token." },
  { ...chat, id: "demo-reasoner", about: "Thinks aloud first, then answers.", thinks: true },
  { ...chat, id: "demo-slow", about: "Two seconds to the first token, ten tokens a second.", firstDelay: 2000, tokenDelay: 100 },
  {
    ...chat,
    id: "demo-flaky",
    about: "Every second call goes wrong, each time in another way.",
    faults: ["none", "unavailable", "none", "error-frame", "none", "rate-limited", "none", "cut"],
  },
  { ...chat, id: "demo-broken", about: "Always answers 500.", faults: ["broken"] },
  { ...chat, id: "demo-silent", about: "Accepts the request and never says a word.", faults: ["stall"] },
  {
    id: "demo-embed",
    task: "embed",
    about: "Embeddings of 256 dimensions in which texts that share words are near.",
    firstDelay: 5,
    tokenDelay: 0,
    thinks: false,
  },
  other("demo-rerank", "rerank", "Documents that share words with the query come first."),
  other("demo-moderation", "moderate", "Takes offence at four rude words."),
  other("demo-image", "picture", "Pictures of two colours that depend on the prompt."),
  other("demo-speech", "speak", "A tone for each character, as WAV."),
  other("demo-transcribe", "transcribe", "Hears what demo-speech said."),
];

/**
 * The model of this name, `undefined` when there is none. `demo-chat@40ms` is demo-chat with 40 ms between tokens and before the first.
 */
export function demoModel(name: string): DemoModel | undefined {
  const [, id, pace] = /^(.*?)(?:@(\d{1,6})ms)?$/.exec(name) ?? [];
  const model = DEMO_MODELS.find((one) => one.id === id);
  return model && pace !== undefined ? { ...model, firstDelay: Number(pace), tokenDelay: Number(pace) } : model;
}
