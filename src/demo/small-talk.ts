/** What the simulated model knows: a few patterns, first match wins. Deterministic, so that a cache or a retry can be seen to agree. */
const CAPITALS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    france: "Paris",
    germany: "Berlin",
    italy: "Rome",
    spain: "Madrid",
    russia: "Moscow",
    japan: "Tokyo",
    china: "Beijing",
    india: "New Delhi",
    brazil: "Brasília",
    canada: "Ottawa",
    australia: "Canberra",
    "the united kingdom": "London",
    "the united states": "Washington, D.C.",
  }),
);

interface Rule {
  readonly pattern: RegExp;
  readonly say: (match: RegExpExecArray) => string | undefined;
}

const RULES: readonly Rule[] = [
  { pattern: /(-?\d+(?:\.\d+)?)\s*([-+*/×÷])\s*(-?\d+(?:\.\d+)?)/, say: arithmetic },
  { pattern: /capital of ([a-z ]+)/i, say: capital },
  { pattern: /\b(?:say|repeat|echo)\s+(?:exactly\s+)?["'“«]?(.+?)["'”»]?[.!]?$/i, say: ([, text]) => text },
  { pattern: /\bcount (?:from 1 )?to (\d{1,3})\b/i, say: ([, last]) => Array.from({ length: Number(last) }, (_, index) => index + 1).join(", ") },
  { pattern: /\bhaiku\b/i, say: () => "A request arrives,\none gateway in front of all:\ntokens fall like rain." },
  { pattern: /\b(?:who|what) are you\b|кто ты/i, say: whoAmI },
  { pattern: /\b(?:code|function|python|typescript|javascript|program)\b/i, say: program },
  { pattern: /\b(?:weather|forecast)\b|погод/i, say: () => "I have no window and was given no weather tool. Offer me one and I will call it." },
  {
    pattern: /^\s*(?:hi|hello|hey|good (?:morning|evening))\b/i,
    say: () => "Hello! I am a simulated model. Ask me something, give me tools, or ask for JSON.",
  },
  { pattern: /^\s*(?:привет|здравствуй)/i, say: () => "Привет! Я учебная модель: отвечаю без ключей и видеокарт, чтобы всё можно было попробовать." },
  { pattern: /\bthank/i, say: () => "You are welcome." },
];

/** An answer to this prompt, in plain text. */
export function smallTalk(prompt: string): string {
  for (const rule of RULES) {
    const match = rule.pattern.exec(prompt);
    const said = match && rule.say(match);
    if (said) return said;
  }
  if (prompt.trim() === "") return "You sent no text. Ask me something.";
  return `You asked about ${topicOf(prompt)}. I am a simulated model, so this is not knowledge: it is text with the length and pace of an answer, enough to see streaming, usage, cost and the trace of this request. Add a provider or an engine to get a real one.`;
}

/** What the simulated model thinks before it says something about this prompt. */
export function musing(prompt: string): string {
  return `The user wants something about ${topicOf(prompt)}. I know a few patterns only; I check each in turn, take the first that fits, and keep it short.`;
}

function topicOf(prompt: string): string {
  const words = prompt.replaceAll(/\s+/g, " ").trim();
  return `“${words.length > 60 ? `${words.slice(0, 60)}…` : words}”`;
}

function arithmetic([, left, operator, right]: RegExpExecArray): string {
  const [a, b] = [Number(left), Number(right)];
  const result = operator === "+" ? a + b : operator === "-" ? a - b : operator === "*" || operator === "×" ? a * b : a / b;
  return Number.isFinite(result) ? `${left} ${operator} ${right} = ${Number(result.toPrecision(12))}` : "Nothing can be divided by zero.";
}

function capital([, country]: RegExpExecArray): string | undefined {
  const name = (country ?? "").trim().toLowerCase();
  const found = CAPITALS.get(name) ?? CAPITALS.get(`the ${name}`);
  return found && `The capital of ${(country ?? "").trim()} is ${found}.`;
}

function whoAmI(): string {
  return "I am a simulated model inside Signalbox. I need no key and no GPU, and I am here so that every screen and route can be tried.";
}

function program({ input }: RegExpExecArray): string {
  const python = /python/i.test(input);
  const body = python
    ? 'def greet(name: str) -> str:\n    return f"Hello, {name}!"'
    : "export function greet(name: string): string {\n  return ['Hello, ', name, '!'].join('');\n}";
  return `Here is a small one:\n\n\`\`\`${python ? "python" : "typescript"}\n${body}\n\`\`\`\n\nIt greets whoever it is given.`;
}
