// What the runner's report says became of every test.

/** The tests of a report of the runner's: their file, their whole name, and `passed`, `failed` or `skipped`. */
export function testsOf(xml) {
  return [...xml.matchAll(/<testcase ([^>]*?)(\/>|>([\s\S]*?)<\/testcase>)/g)].map(([, attributes, , inside = ""]) => {
    const attribute = (name) => plain(new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? "");
    // The runner names the innermost group first.
    const groups = attribute("classname").split(" > ").reverse();
    const result = /<(failure|error)\b/.test(inside) ? "failed" : /<skipped\b/.test(inside) ? "skipped" : "passed";
    return { file: attribute("file"), name: [...groups, attribute("name")].filter((part) => part !== "").join(" > "), result };
  });
}

const ENTITIES = { quot: '"', apos: "'", lt: "<", gt: ">", amp: "&" };
const plain = (text) =>
  text.replaceAll(/&(?:(quot|apos|lt|gt|amp)|#(\d+));/g, (_whole, name, code) => (name === undefined ? String.fromCodePoint(Number(code)) : ENTITIES[name]));

/** How many ended so. */
export const countOf = (tests, result) => tests.filter((one) => one.result === result).length;

/** Says which tests were skipped: they neither passed nor failed. */
export function tellSkipped(tests) {
  const skipped = tests.filter(({ result }) => result === "skipped");
  if (skipped.length > 0) console.log(`${skipped.length} skipped:\n${skipped.map(({ file, name }) => `  ${file}: ${name}`).join("\n")}`);
}
