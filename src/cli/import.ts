import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import type { Command } from "commander";
import { ConfigError, problemText } from "../config/file/problem.ts";
import { readTree } from "../config/file/tree.ts";
import { fromLiteLLM, isLiteLLM } from "../config/litellm/convert.ts";
import { configText } from "../config/litellm/write.ts";
import type { ProviderBook } from "../config/provider-book.ts";
import { CommandFailed, type Terminal } from "./output.ts";

/** `signalbox import litellm`: the config of another gateway as one of ours. */
export function addImport(program: Command, terminal: Terminal, book: ProviderBook): void {
  const imports = program.command("import").description("take over the config of another gateway");
  imports
    .command("litellm <file>")
    .description("write a LiteLLM config.yaml as a signalbox.yaml; what cannot be carried over is listed")
    .option("--out <file>", "write to this file instead of standard output")
    .addHelpText("after", "\nExample:\n  signalbox import litellm config.yaml --out signalbox.yaml")
    .action((file: string, options: { out?: string }) => {
      const { text, remarks } = importLiteLLM(file, book);
      for (const remark of remarks) terminal.say(remark);
      if (options.out === undefined) return terminal.print(text.trimEnd());
      try {
        writeFileSync(options.out, text, { flag: "wx" });
      } catch (error) {
        throw new CommandFailed(`${options.out} cannot be written: ${error instanceof Error ? error.message : error}`);
      }
      terminal.say(`Written to ${options.out}. Check it with: signalbox config check ${options.out}`);
    });
}

function importLiteLLM(file: string, book: ProviderBook): { readonly text: string; readonly remarks: readonly string[] } {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    throw new CommandFailed(`${file} cannot be read. Check its path and permissions.`);
  }
  const theirs = readTree({ file: basename(file), text });
  if (theirs.problems.length > 0) throw new ConfigError(theirs.problems);
  if (!isLiteLLM(theirs)) throw new CommandFailed(`${file} is no LiteLLM config: it has no model_list.`);
  const { tree, notices } = fromLiteLLM(theirs, book.kinds);
  return { text: configText(tree.value, `Written by signalbox import litellm from ${basename(file)}.`), remarks: notices.map(problemText) };
}
