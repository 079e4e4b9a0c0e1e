/** Every recorded exchange through the gateway, whole and cut small; writes docs/campaigns/recordings-<date>.md. */
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { recordings } from "../recordings/recordings.ts";
import { EXCEPTIONS, type Exception } from "../specs/requests.ts";
import { DECISIONS, rates, unexplained } from "./recorded/decisions.ts";
import { isTold, MESSAGES_DECISIONS, playMessages, tellingProblems, unexplainedMessages } from "./recorded/messages.ts";
import { isRelayed, playRelays } from "./recorded/relays.ts";
import { ASKED, isAsked, TARGETS, translateAll } from "./recorded/requests.ts";
import { isPlayed, type Outcome, playAll } from "./recorded/run.ts";

const all = recordings().filter(isPlayed);
const relays = recordings().filter(isRelayed);
if (all.length === 0) {
  console.error("There is no recorded traffic beside this repository: nothing to play.");
  process.exit(2);
}
const date = new Date().toISOString().slice(0, 10);
const began = performance.now();
const whole = [...(await playAll(all)), ...(await playRelays(relays))];
const streams = all.filter((recording) => recording.stream !== false);
const cuts: [number, Outcome[]][] = [];
for (const bytes of [64, 7]) cuts.push([bytes, [...(await playAll(streams, bytes)), ...(await playRelays(relays, bytes))]]);
const messages = recordings({ api: "anthropic_messages" });
const crossed = await playMessages(messages);
const crossedCut = await playMessages(
  messages.filter((recording) => recording.stream !== false),
  7,
);
const told = recordings().filter(isTold);
const mistold = told.flatMap((recording) => tellingProblems(recording).map((problem) => `${recording.id}: ${problem}`));
const asked = recordings().filter(isAsked);
const met = new Set<Exception>();
const translated = Object.keys(ASKED).flatMap((api) => {
  const own = asked.filter((recording) => recording.api === api);
  return TARGETS.map((target) => ({ api, target, played: own.length, ...translateAll(own, target, (exception) => met.add(exception)) }));
});

const table = (head: string, rows: ReturnType<typeof rates>) =>
  [`| ${head} | passed | played |`, "|---|---|---|", ...rows.map((row) => `| ${row.label} | ${row.passed} | ${row.played} |`)].join("\n");
const passed = (outcomes: readonly Outcome[]) => outcomes.filter((outcome) => outcome.problems.length === 0).length;
const bad = [
  ...unexplained(whole),
  ...cuts.flatMap(([, outcomes]) => unexplained(outcomes)),
  ...unexplainedMessages(crossed),
  ...unexplainedMessages(crossedCut),
  ...mistold,
  ...translated.flatMap(({ target, mistakes }) => mistakes.map((mistake) => `for ${target.model}: ${mistake}`)),
  ...EXCEPTIONS.filter((exception) => !met.has(exception)).map(({ why }) => `an exception that nothing needs: ${why}`),
];
const report = [
  `# Recorded traffic, ${date}`,
  `${passed(whole)} of ${whole.length} recorded exchanges came through as they should, in ${Math.round((performance.now() - began) / 1000)} s. An answer in the client's own dialect must arrive byte by byte (comments and usage nobody asked for left out); any other must say the same text and calls, end for the same reason, in the order clients rely on; usage must be metered as reported; a failure must become the right one.`,
  ...cuts.map(([bytes, outcomes]) => `Streams, and what is passed on, cut into pieces of ${bytes} bytes: ${passed(outcomes)} of ${outcomes.length}.`),
  "## By provider and API",
  table(
    "provider, API",
    rates(whole, ({ recording }) => [`${recording.provider}, ${recording.api}${recording.stream === false ? "" : ", streamed"}`]),
  ),
  "## By feature",
  table(
    "feature",
    rates(whole, ({ recording }) => recording.features),
  ),
  "## Anthropic's Messages to Anthropic's clients",
  `${passed(crossed)} of ${crossed.length} recorded exchanges of \`POST /v1/messages\` crossed byte by byte, both ways; of the streams cut into pieces of 7 bytes ${passed(crossedCut)} of ${crossedCut.length}. ${told.length} recorded answers of all dialects were told as messages, ${mistold.length === 0 ? "all of them" : `all but ${mistold.length}`} in the order Anthropic's clients insist on.`,
  "## Known decisions",
  ["| recording | why |", "|---|---|", ...Object.entries({ ...DECISIONS, ...MESSAGES_DECISIONS }).map(([id, why]) => `| ${id} | ${why} |`)].join("\n"),
  "## Requests translated to other dialects",
  "What is written is what the upstream's vendor says a request is, but for the exceptions below; the rest is refused by name.",
  [
    "| API | model | dialect | written | refused, by field |",
    "|---|---|---|---|---|",
    ...translated.map(({ api, target, played, written, refused }) => {
      const reasons = [...refused].map(([reason, count]) => `${count} × ${reason.replaceAll("|", "\\|")}`);
      return `| ${api} | ${target.model} | ${target.dialect} | ${written} of ${played} | ${reasons.join("<br>")} |`;
    }),
  ].join("\n"),
  "## Exceptions to the vendors' schemas",
  ["| dialect | only to | why |", "|---|---|---|", ...EXCEPTIONS.map(({ dialect, kind, why }) => `| ${dialect} | ${kind ?? ""} | ${why} |`)].join("\n"),
  "## Unexplained",
  bad.length === 0 ? "None." : bad.map((line) => `- ${line}`).join("\n"),
].join("\n\n");

const folder = fileURLToPath(new URL("../../docs/campaigns/", import.meta.url));
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}recordings-${date}.md`, `${report}\n`);
console.log(report);
process.exit(bad.length === 0 ? 0 : 1);
