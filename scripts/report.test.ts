import { expect, test } from "bun:test";
import { countOf, testsOf } from "./report.mjs";

/** As the runner writes it. */
const REPORT = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="bun test" tests="5" assertions="2" failures="1" skipped="2" time="0.1">
  <testsuite name="a.test.ts" file="a.test.ts" tests="5" assertions="1" failures="1" skipped="2" time="0.1" hostname="here">
    <testsuite name="outer &amp; &lt;x&gt;" file="a.test.ts" line="2" tests="4" failures="1" skipped="1" time="0" hostname="here">
      <testcase name="says &quot;yes&quot;&#10;and more" classname="inner &gt; outer &amp; &lt;x&gt;" time="0.1" file="a.test.ts" line="2" assertions="0" />
      <testcase name="skipped" classname="outer &amp; &lt;x&gt;" time="0" file="a.test.ts" line="3" assertions="0">
        <skipped />
      </testcase>
      <testcase name="later" classname="outer &amp; &lt;x&gt;" time="0" file="a.test.ts" line="3" assertions="0">
        <skipped message="TODO" />
      </testcase>
      <testcase name="bad" classname="outer &amp; &lt;x&gt;" time="0.1" file="a.test.ts" line="4" assertions="1">
        <failure type="AssertionError" message="expect(received)">AssertionError</failure>
      </testcase>
    </testsuite>
    <testcase name="alone" classname="" time="0" file="a.test.ts" line="5" assertions="0" />
  </testsuite>
</testsuites>`;

test("every test of a report, by its file and whole name, and what became of it", () => {
  const tests = testsOf(REPORT);
  expect(tests.map(({ name, result }) => [name, result])).toEqual([
    ['outer & <x> > inner > says "yes"\nand more', "passed"],
    ["outer & <x> > skipped", "skipped"],
    ["outer & <x> > later", "skipped"],
    ["outer & <x> > bad", "failed"],
    ["alone", "passed"],
  ]);
  expect(new Set(tests.map(({ file }) => file))).toEqual(new Set(["a.test.ts"]));
});

test("a skipped test neither passed nor failed", () => {
  const tests = testsOf(REPORT);
  expect([countOf(tests, "passed"), countOf(tests, "failed"), countOf(tests, "skipped")]).toEqual([2, 1, 2]);
});

test("an empty report has none", () => {
  expect(testsOf('<?xml version="1.0"?><testsuites name="bun test" tests="0" />')).toEqual([]);
});
