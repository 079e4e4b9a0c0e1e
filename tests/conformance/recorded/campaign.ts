/** Every recorded exchange through the gateway, on every lane, whole and cut small; writes docs/campaigns/recordings-<date>.md. */
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { recordings } from "../../recordings/recordings.ts";
import { EXCEPTIONS, type Exception } from "../../specs/requests.ts";
import { FEATURES } from "../matrix/features.ts";
import { openMatrix, SPEAKERS, UPSTREAMS } from "../matrix/matrix.ts";
import { CLIENTS } from "./clients.ts";
import { DECISIONS } from "./decisions.ts";
import { isStreamed, type Outcome } from "./lane.ts";
import { isPlayed, OWN_LANES } from "./lanes.ts";
import { NOT_PLAYED } from "./not-played.ts";
import { play } from "./play.ts";
import { asked, TARGETS, translateAll } from "./requests.ts";
import { idle, isPassed, rates, table, unexplained } from "./results.ts";
import { isRewritten, rewritingProblems } from "./rewritten.ts";
import { SOURCES, TOLD_LANES, toldName } from "./told.ts";

const all = recordings();
if (all.length === 0) {
  console.error("There is no recorded traffic beside this repository: nothing to play.");
  process.exit(2);
}
const date = new Date().toISOString().slice(0, 10);
const began = performance.now();
const streams = all.filter(isStreamed);
const own = await play(OWN_LANES, all);
const told = await play(TOLD_LANES, all);
const cuts: { readonly bytes: number; readonly own: Outcome[]; readonly told: Outcome[] }[] = [];
for (const bytes of [64, 7]) cuts.push({ bytes, own: await play(OWN_LANES, streams, bytes), told: await play(TOLD_LANES, streams, bytes) });
const bad = [own, told, ...cuts.flatMap((cut) => [cut.own, cut.told])].flatMap(unexplained);
bad.push(...idle([...own, ...told]).map((id) => `the decision about ${id} explains nothing`));

/** Read into events and written for every client, as a stream and whole. */
let rewritten = 0;
for (const source of SOURCES) {
  for (const recording of all.filter((each) => isRewritten(source, each))) {
    rewritten++;
    for (const client of CLIENTS)
      bad.push(...rewritingProblems(recording, source, client).map((problem) => `${recording.id} rewritten for ${client.speaker.dialect}: ${problem}`));
  }
}

const matrix = await openMatrix();
for (const speaker of SPEAKERS) {
  for (const upstream of Object.keys(UPSTREAMS)) {
    for (const feature of Object.keys(FEATURES)) {
      const { problems, misfits, decision } = await matrix.fill(speaker, upstream, feature);
      if ((decision === undefined) !== (problems.length === 0)) bad.push(`${feature}, ${speaker.dialect} over ${upstream}: ${problems.join("; ")}`);
      bad.push(...misfits.map((misfit) => `${feature}, ${speaker.dialect} over ${upstream}: ${misfit}`));
    }
  }
}
await matrix.stop();

const passed = (outcomes: readonly Outcome[]) => `${outcomes.filter(isPassed).length} of ${outcomes.length}`;
const ratesOf = (outcomes: readonly Outcome[], labels: (outcome: Outcome) => readonly string[]) =>
  rates(outcomes, labels).map((row) => [row.label, row.passed, row.played]);
const cross = SOURCES.map(({ api, dialect }) => [
  api,
  ...CLIENTS.map(({ speaker }) => {
    const lane = speaker.dialect === dialect ? api : toldName(api, speaker.dialect);
    const outcomes = [...own, ...told].filter((outcome) => outcome.lane === lane);
    const decided = outcomes.length - outcomes.filter(isPassed).length - unexplained(outcomes).length;
    return `${outcomes.length} / ${outcomes.filter(isPassed).length} / ${decided}`;
  }),
]);
const met = new Set<Exception>();
const requests = CLIENTS.flatMap((client) => {
  const known = asked(client, all);
  return TARGETS.map((target) => {
    const { written, refused, mistakes } = translateAll(known, target, client, (exception) => met.add(exception));
    bad.push(...mistakes.map((mistake) => `for ${target.model}: ${mistake}`));
    const reasons = [...refused].toSorted(([, left], [, right]) => right - left).map(([reason, count]) => `${count} × ${reason.replaceAll("|", "\\|")}`);
    return [client.api, `${target.model} (${target.dialect})`, `${written} of ${known.length}`, reasons.join("<br>")];
  });
});
bad.push(...EXCEPTIONS.filter((exception) => !met.has(exception)).map(({ why }) => `an exception that nothing needs: ${why}`));
const leftOut = Object.entries(NOT_PLAYED).map(([api, why]) => [api, all.filter((recording) => recording.api === api && !isPlayed(recording)).length, why]);
const unknown = all.filter((recording) => !(recording.api in NOT_PLAYED) && !isPlayed(recording));
bad.push(...unknown.map(({ id, api }) => `${id} is not played, and nobody says why (${api})`));

const report = [
  `# Recorded traffic, ${date}`,
  `${passed(own)} recorded exchanges went through the gateway as they should, to clients of their own dialect; ${passed(told)} answers were told to clients of other dialects as they were said; the rest came out otherwise by decision. It took ${Math.round((performance.now() - began) / 1000)} s. In the client's own dialect the request must arrive unchanged but for the model's name and what the profile drops, and the answer byte by byte (comments and usage nobody asked for left out); any other client must hear the same text and calls, end for the same reason, in the order and shape its official libraries insist on; usage must be metered, and told, as reported; a failure must become the right one, unreworded where it is about the client's request.`,
  ...cuts.map((cut) => `Streams cut into pieces of ${cut.bytes} bytes: ${passed(cut.own)} in their own dialect, ${passed(cut.told)} in others.`),
  `${rewritten} answers were read into events and written for each of ${CLIENTS.length} clients, their own among them, as a stream and whole: both must say the same.`,
  "## In their own dialect, by provider and API",
  table(
    ["provider, API", "passed", "played"],
    ratesOf(own, ({ recording, lane }) => [`${recording.provider}, ${lane}${isStreamed(recording) ? ", streamed" : ""}`]),
  ),
  "## By feature, all lanes",
  table(
    ["feature", "passed", "played"],
    ratesOf([...own, ...told], ({ recording }) => recording.features),
  ),
  "## Every answer to every client",
  "Played / as said / otherwise, by decision. Where both speak the same dialect: byte by byte.",
  table(["answers of", ...CLIENTS.map(({ speaker }) => `to ${speaker.dialect}`)], cross),
  "## Every feature, every client, every upstream",
  matrix.text(),
  "## Known decisions",
  table(
    ["recording", "lanes", "why"],
    DECISIONS.flatMap(({ recordings: ids, lanes, why }) => ids.map((id) => [id, String(lanes).replaceAll(/[/^$]/g, ""), why])),
  ),
  "## Not played",
  table(["API", "recordings", "why"], leftOut),
  "## Requests translated to other dialects",
  "What is written is what the upstream's vendor says a request is, but for the exceptions below; the rest is refused by name.",
  table(["requests of", "for", "written", "refused, by field"], requests),
  "## Exceptions to the vendors' schemas",
  table(
    ["dialect", "only to", "why"],
    EXCEPTIONS.map(({ dialect, kind, why }) => [dialect, kind ?? "", why]),
  ),
  "## Unexplained",
  bad.length === 0 ? "None." : bad.map((line) => `- ${line}`).join("\n"),
].join("\n\n");

const folder = fileURLToPath(new URL("../../../docs/campaigns/", import.meta.url));
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}recordings-${date}.md`, `${report}\n`);
console.log(report);
process.exit(bad.length === 0 ? 0 : 1);
