import { type JsonObject, objectOf, parseJson, stringOf } from "../../src/vocabulary/json.ts";
import { type Ran, runProgram } from "./program.ts";

export interface AskingClaude {
  /** The gateway's. */
  readonly url: string;
  readonly model?: string;
  readonly key?: string;
  readonly tools?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Milliseconds until it is stopped. */
  readonly patience?: number;
}

export interface RanClaude extends Ran {
  readonly answer: JsonObject;
  readonly result: string | undefined;
}

/** `claude -p` with this prompt, its answer as JSON. */
export async function askClaude(prompt: string, folder: string, asking: AskingClaude): Promise<RanClaude> {
  const { url, model = "qwen3-coder", key = "sb-test", tools = [], environment = {}, patience } = asking;
  const words = ["-p", prompt, "--model", model, "--output-format", "json", ...(tools.length === 0 ? [] : ["--allowedTools", ...tools])];
  const house = { ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: key, CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1", DISABLE_AUTOUPDATER: "1" };
  const ran = await runProgram("claude-code", { arguments: words, environment: { ...house, ...environment }, folder, patience });
  const answer = objectOf(parseJson(ran.output));
  return { ...ran, answer, result: stringOf(answer["result"]) };
}
