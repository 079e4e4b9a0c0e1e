import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type Json, listOf, objectOf } from "../../src/vocabulary/json.ts";
import { type GatewayProcess, startGateway } from "../harness/gateway.ts";

/** The examples as their readers run them: as programs, against the demo. */
let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await startGateway({ arguments: ["--demo"] });
}, 30_000);
afterAll(() => gateway.stop());

const FOLDER = join(import.meta.dir, "..", "..", "examples");
/** What runs each example, and whether it prints words, JSON as it comes, or the lines of a batch. */
const PROGRAMS: Readonly<Record<string, { readonly run: string; readonly prints: "words" | "json" | "lines" }>> = {
  "curl.sh": { run: "sh", prints: "json" },
  "python-requests.py": { run: "python3", prints: "words" },
  "javascript-fetch.mjs": { run: "node", prints: "words" },
  "anthropic-sdk.mjs": { run: "node", prints: "words" },
  "openai-sdk.mjs": { run: "node", prints: "words" },
  "batch.mjs": { run: "node", prints: "lines" },
};

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

function run(example: string, environment: Readonly<Record<string, string>>, question: string): Promise<Ran> {
  const child = spawn(PROGRAMS[example]?.run ?? "", [join(FOLDER, example), question], {
    env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let error = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (error += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out, error }));
  });
}

/** Streamed text out of lines of chunks. */
const heardIn = (chunks: readonly Json[]) =>
  chunks.map((chunk) => objectOf(objectOf(listOf(objectOf(chunk)["choices"])[0])["delta"])["content"] ?? "").join("");

const QUESTION = 'say "grüß dich" to 東京';

test("every example that is a program is in the table", () => {
  const files = readdirSync(FOLDER, { withFileTypes: true }).filter((entry) => entry.isFile());
  const programs = files.map(({ name }) => name).filter((name) => !/\.(ya?ml|md)$/.test(name));
  expect(programs.toSorted()).toEqual(Object.keys(PROGRAMS).toSorted());
});

for (const [example, { prints }] of Object.entries(PROGRAMS)) {
  describe(example, () => {
    test("lists, asks, streams and prints", async () => {
      const { code, out, error } = await run(example, { SIGNALBOX_URL: gateway.url, SIGNALBOX_KEY: gateway.key }, QUESTION);
      expect([code, error]).toEqual([0, ""]);
      expect(out).toContain("demo-chat");
      if (prints === "words") {
        const [, answer] = /^Answer: (.+)$/m.exec(out) ?? [];
        const [, streamed] = /^Streamed: (.+)$/m.exec(out) ?? [];
        expect(answer).toContain("grüß dich");
        expect(streamed).toBe(answer);
        expect(Number(/^Tokens: (\d+)$/m.exec(out)?.[1])).toBeGreaterThan(0);
      } else if (prints === "lines") {
        expect(out).toContain("Answered: 2 of 2");
        expect(/^question: (.+)$/m.exec(out)?.[1]).toContain("grüß dich");
        expect(/^greeting: (.+)$/m.exec(out)?.[1]).toBeDefined();
      } else {
        const bodies = out.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as Json] : []));
        const [, whole, ...chunks] = bodies;
        const answer = objectOf(objectOf(listOf(objectOf(whole)["choices"])[0])["message"])["content"];
        expect(answer).toContain("grüß dich");
        expect(heardIn(chunks)).toBe(String(answer));
        expect(out.trimEnd().endsWith("[DONE]")).toBe(true);
      }
    }, 20_000);

    test("says what is missing without a key, and what the gateway says of a wrong one", async () => {
      const without = await run(example, { SIGNALBOX_URL: gateway.url }, QUESTION);
      expect(without.code).not.toBe(0);
      expect(without.error).toContain("SIGNALBOX_KEY");
      const wrong = await run(example, { SIGNALBOX_URL: gateway.url, SIGNALBOX_KEY: "sb-wrong" }, QUESTION);
      expect(wrong.code).not.toBe(0);
      expect(wrong.out + wrong.error).toMatch(/key/);
    }, 20_000);

    test("ends with the gateway's words when there is no such model", async () => {
      const { code, out, error } = await run(example, { SIGNALBOX_URL: gateway.url, SIGNALBOX_KEY: gateway.key, SIGNALBOX_MODEL: "nobody" }, QUESTION);
      expect(code).not.toBe(0);
      expect(out + error).toContain("nobody");
    }, 20_000);
  });
}
