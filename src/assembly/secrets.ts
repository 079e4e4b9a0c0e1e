import type { Secrets } from "../telemetry/redact.ts";
import type { Installation } from "./installation.ts";

/** Every secret of the config is taken out of whatever is logged. */
export function keepSecrets(secrets: Secrets, installation: Installation): void {
  const { settings } = installation.current().snapshot;
  const values = [settings.auth.admin_key, ...settings.keys.map((key) => key.key)];
  for (const service of installation.current().snapshot.services.values()) values.push(...service.secrets);
  values.push(...passwordsIn(settings.database.url));
  for (const provider of Object.values(settings.providers)) values.push(provider.api_key, ...(provider.api_keys ?? []));
  values.push(settings.fleet.kubernetes.token);
  for (const { env } of Object.values(settings.fleet.engines)) values.push(...Object.keys(env).flatMap((name) => (isSecretName(name) ? env[name] : [])));
  for (const value of values) if (value !== undefined && value.length >= 8) secrets.add(value);
}

/** `HF_TOKEN`, `VLLM_API_KEY`: an engine may write its environment in its log. */
function isSecretName(name: string): boolean {
  return /(key|token|secret|password)$/i.test(name);
}

/** The password of a URL, as written there and as it is. */
function passwordsIn(url: string): string[] {
  const password = /^\w+:\/\/[^/@]*?:([^@]*)@/.exec(url)?.[1];
  if (password === undefined) return [];
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    return [password];
  }
}
