/** How the engine misbehaves. All of it may change while it runs: `POST /fake/fault` with any of these fields. */
export interface Faults {
  /** How its start fails, in vLLM's own words; `hang`: it loads for ever; `exit`: it ends without a word. */
  readonly loading?: "memory-held" | "out-of-memory" | "port-taken" | "hang" | "exit";
  /** A longer `--max-model-len` fails its start, and it says that this much would fit. */
  readonly fitsModelLen?: number;
  /** A higher `--max-num-seqs` runs out of memory while it warms up. */
  readonly fitsSequences?: number;
  /** What it exits with when a fault ends it; 1. */
  readonly exitCode?: number;
  /** Milliseconds from one token to the next; 0. */
  readonly tokenDelay?: number;
  /** After so many tokens of any answer nothing more comes, while its health stays 200. */
  readonly hangAfter?: number;
  /** After so many tokens of any answer it is gone, sockets and all. */
  readonly dieAfter?: number;
  /** After so many tokens of any answer its GPU is out of memory: it says so, fails what runs, and ends. */
  readonly outOfMemoryAfter?: number;
  /** Milliseconds it takes to end when it is asked to; 0. */
  readonly stopDelay?: number;
  /** It does not end when it is asked to. */
  readonly ignoreTerm?: boolean;
}

/** What of the fake is not vLLM's: `--fake JSON`, or the environment's `FAKE_ENGINE`; flags win. */
export interface FakeSettings extends Faults {
  /** Milliseconds until it is loaded; 0. */
  readonly loadingTime?: number;
  /** While it loads it does not listen, as vLLM does; otherwise its health is 503. */
  readonly refuseWhileLoading?: boolean;
  /** Tokens of an answer whose client sets no bound; 8. */
  readonly answerTokens?: number;
  /** Which of vLLM's names `/metrics` has; both. */
  readonly metrics?: "new" | "old" | "both";
  /** Written once it listens: the port. */
  readonly portFile?: string;
  /** A line is added with every start: its process's id. */
  readonly startsFile?: string;
  /** Only so many starts fail or hang as `loading` says, by the lines of `startsFile`; absent: all. */
  readonly badStarts?: number;
}

export interface EngineOptions {
  readonly host: string;
  /** 0: one that is free. */
  readonly port: number;
  readonly model: string;
  /** What its clients call the model. */
  readonly servedNames: readonly string[];
  readonly maxModelLen: number;
  /** Requests that run at once; others wait. */
  readonly maxNumSeqs: number;
  readonly gpuMemoryUtilization: number;
  readonly apiKey?: string;
  readonly fake: FakeSettings;
}

const DEFAULTS: EngineOptions = {
  host: "127.0.0.1",
  port: 8000,
  model: "fake/model",
  servedNames: [],
  maxModelLen: 32_768,
  maxNumSeqs: 256,
  gpuMemoryUtilization: 0.92,
  fake: {},
};

/** The options with vLLM's defaults where they say nothing. */
export function engineOptions(said: Partial<EngineOptions>): EngineOptions {
  const options = { ...DEFAULTS, ...said };
  return { ...options, servedNames: options.servedNames.length > 0 ? options.servedNames : [options.model] };
}

/**
 * vLLM's command line: `serve MODEL --port 8000 --served-model-name A B`, or `--model MODEL`. Flags it does not know are vLLM's business and are
 * passed over, with their values.
 */
export function readCommandLine(words: readonly string[], environment: Readonly<Record<string, string | undefined>> = {}): EngineOptions {
  const { values, loose } = flagsOf(words);
  const one = (flag: string) => values.get(flag)?.[0];
  const number = (flag: string, otherwise: number) => {
    const text = one(flag);
    return text === undefined ? otherwise : Number(text);
  };
  return engineOptions({
    host: one("host") ?? "0.0.0.0",
    port: number("port", DEFAULTS.port),
    model: one("model") ?? loose.find((word) => word !== "serve") ?? DEFAULTS.model,
    servedNames: values.get("served-model-name") ?? [],
    maxModelLen: number("max-model-len", DEFAULTS.maxModelLen),
    maxNumSeqs: number("max-num-seqs", DEFAULTS.maxNumSeqs),
    gpuMemoryUtilization: number("gpu-memory-utilization", DEFAULTS.gpuMemoryUtilization),
    apiKey: one("api-key") ?? environment["VLLM_API_KEY"],
    fake: { ...settingsOf(environment["FAKE_ENGINE"]), ...settingsOf(one("fake")) },
  });
}

/** Every flag with the words that follow it, and the words before the first flag. `--flag=value` is a flag and a word. */
function flagsOf(words: readonly string[]): { values: Map<string, string[]>; loose: string[] } {
  const values = new Map<string, string[]>();
  const loose: string[] = [];
  let current = loose;
  for (const word of words) {
    if (!word.startsWith("--")) {
      current.push(word);
      continue;
    }
    const [flag = "", ...rest] = word.slice(2).split("=");
    current = rest.length > 0 ? [rest.join("=")] : [];
    values.set(flag.replaceAll("_", "-"), current);
  }
  return { values, loose };
}

function settingsOf(text: string | undefined): FakeSettings {
  return text === undefined || text === "" ? {} : (JSON.parse(text) as FakeSettings);
}
