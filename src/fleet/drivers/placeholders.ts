/** What the words of an engine's command may leave to the moment it starts. */
export interface Placeholders {
  readonly host: string;
  readonly port: number;
  readonly model: string;
  readonly name: string;
}

/** The words with `{host}`, `{port}`, `{model}` and `{name}` filled in; any other braces are the engine's own. */
export function fillPlaceholders(words: readonly string[], values: Placeholders): string[] {
  return words.map((word) => word.replace(/\{(host|port|model|name)\}/g, (_, name: keyof Placeholders) => String(values[name])));
}
