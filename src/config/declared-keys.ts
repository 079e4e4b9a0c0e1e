import type { LoadedConfig } from "./file/load.ts";

/** A key that the file or the environment declares, and where. */
export interface DeclaredKey {
  /** Unique: `environment:WEBUI_API_KEY`, `file:ci`. */
  readonly origin: string;
  readonly name: string;
  readonly key: string;
  readonly source?: string;
  readonly models?: readonly string[];
  /** Believed when it names end users. */
  readonly vouches: boolean;
  /** Refused rather than answered without a knob it turned. */
  readonly strict: boolean;
}

/** The declared keys, for the ledger to take over at every start and reload. Their plain text is secret. */
export function declaredKeys(loaded: Pick<LoadedConfig, "settings" | "origins">): DeclaredKey[] {
  return loaded.settings.keys.map((key, index) => {
    const origin = loaded.origins.get(`keys[${index}]`);
    // NAME_FILE is another way to give NAME, not another key.
    return { origin: origin?.from === "environment" ? `environment:${origin.name.replace(/_FILE$/, "")}` : `file:${key.name}`, ...key };
  });
}
