import type { Profile } from "../../vocabulary/profile.ts";
import type { ProfileSettings } from "./schema.ts";

/** A profile as the config writes it, in the gateway's own words. Only what was given is there. */
export function profileOf(settings: ProfileSettings | undefined): Partial<Profile> {
  if (settings === undefined) return {};
  const { deadlines, ...rest } = settings;
  const given: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(rest)) if (value !== undefined) given[camel(name)] = value;
  if (deadlines !== undefined)
    given["deadlines"] = Object.fromEntries(Object.entries(deadlines).flatMap(([name, value]) => (value === undefined ? [] : [[camel(name), value]])));
  return given as Partial<Profile>;
}

function camel(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
