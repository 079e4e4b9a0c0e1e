import type { EngineSpec } from "../../vocabulary/engine.ts";
import { llamaCppArguments } from "./llama-cpp-arguments.ts";
import { type Start, vllmArguments } from "./vllm-arguments.ts";

/** How a start of an engine is run: the arguments that its kind takes are ours, and what the config says of the same wins. */
export function launchCommand(start: Start): { readonly spec: EngineSpec; readonly args: readonly string[] } {
  const write = ARGUMENTS[start.spec.kind];
  if (write === undefined || start.spec.driver === "kubernetes") return { spec: start.spec, args: start.spec.args };
  const { words, options } = splitCommand(start.spec.command);
  const args = write({ ...start, spec: { ...start.spec, args: [...options, ...start.spec.args] } });
  return { spec: { ...start.spec, command: words }, args };
}

/** The kinds whose arguments we know. */
const ARGUMENTS: Readonly<Record<string, (start: Start) => string[]>> = { vllm: vllmArguments, "llama.cpp": llamaCppArguments };

/** A command's words, and the options after them: those are arguments like any other. */
function splitCommand(command: readonly string[] | undefined): { readonly words: readonly string[] | undefined; readonly options: readonly string[] } {
  const at = command?.findIndex((word) => word.startsWith("-")) ?? -1;
  return at < 0 ? { words: command, options: [] } : { words: command?.slice(0, at), options: command?.slice(at) ?? [] };
}
