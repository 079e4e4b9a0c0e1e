/** A command that could not do what was asked; its message is all the user needs. Ends with exit code 1. */
export class CommandFailed extends Error {}

/** What a command may do to the world outside: tests record it. */
export interface Terminal {
  print(text: string): void;
  /** Standard error: what is not the command's answer. */
  say(text: string): void;
}

export const systemTerminal: Terminal = {
  print: (text) => void process.stdout.write(`${text}\n`),
  say: (text) => void process.stderr.write(`${text}\n`),
};

/** Rows under headings, in columns as wide as their widest cell. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, column) => Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [headings, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
