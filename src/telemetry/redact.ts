/** What must never be read in a log: known values and known shapes. */
export interface Secrets {
  /** Registers a value. Short ones (under 6 characters) are passed over: they would blot out ordinary words. */
  add(value: string): void;
  /** The text without secrets, and without characters that a terminal would act on. JSON stays JSON. */
  clean(text: string): string;
}

export const REDACTED = "[redacted]";
const SHORTEST = 6;

/** Keys of ours, OpenAI's, Anthropic's, Groq's, xAI's and Google's, bearer tokens and JWTs. Spares words such as `task-…`, but not what follows an escaped line end. */
const SHAPES =
  "(?:(?<![A-Za-z0-9])|(?<=\\\\[bfnrt])|(?<=\\\\u[0-9a-f]{4}))(?:s[kb]-[\\w-]{8,}|gsk_\\w{8,}|xai-[\\w-]{8,}|AIza[\\w-]{20,}|eyJ[\\w-]{8,}\\.[\\w-]+\\.[\\w-]*)";
const AUTHORIZATION = "(?:Bearer|Basic)\\s+[\\w.~+/=-]{4,}";
/** Fields that hold nothing but secrets. */
const FIELD_NAMES =
  "authorization|proxy-authorization|cookie|set-cookie|x-api-key|api-key|x-goog-api-key|api_key|apiKey|password|secret|client_secret|access_token|refresh_token";
/** Their values, as `JSON.stringify` writes them. */
const FIELDS = `(?<="(?:${FIELD_NAMES})":)"(?:[^"\\\\]|\\\\.)*"`;
const FIELD_NAME = new RegExp(`^(?:${FIELD_NAMES})$`, "i");
/** DEL, C1 controls, line separators and direction marks: JSON leaves them as they are, terminals obey them. */
const CONTROLS = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

const LOOKS_LIKE_A_KEY = new RegExp(`${AUTHORIZATION}|${SHAPES}`, "gi");

/** The text without anything shaped like a key or token, whoever it belongs to. */
export function withoutKeys(text: string): string {
  return text.replace(LOOKS_LIKE_A_KEY, REDACTED);
}

export function createSecrets(): Secrets {
  const values = new Set<string>();
  let shapes = shapesWith(values);
  let suspicious = suspiciousWith(values);
  return {
    add(value) {
      if (value.length < SHORTEST || values.has(value)) return;
      values.add(value);
      // Inside a JSON string the value may be written with escapes.
      values.add(JSON.stringify(value).slice(1, -1));
      shapes = shapesWith(values);
      suspicious = suspiciousWith(values);
    },
    clean(text) {
      if (!suspicious.test(text)) return text;
      return text
        .replace(shapes, (found) => (found.startsWith('"') && found.endsWith('"') ? `"${REDACTED}"` : REDACTED))
        .replace(CONTROLS, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`);
    },
  };
}

function shapesWith(values: ReadonlySet<string>): RegExp {
  // Longest first, or a secret that begins with another would leave its tail.
  const known = [...values].sort((one, other) => other.length - one.length).map((value) => value.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp([...known, FIELDS, AUTHORIZATION, SHAPES].join("|"), "gi");
}

/** One quick look that may be wrong in the careful direction only. */
function suspiciousWith(values: ReadonlySet<string>): RegExp {
  const known = [...values].map((value) => value.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(
    [...known, "s[kb]-", "gsk_", "xai-", "aiza", "eyj", "bearer", "basic", "auth", "cookie", 'key"', "password", "secret", '_token"', CONTROLS.source].join(
      "|",
    ),
    "i",
  );
}

/** Does a field of this name hold nothing but secrets? */
export function isSecretField(name: string): boolean {
  return FIELD_NAME.test(name);
}
