/** A test of a report, and what became of it. */
export interface ReportedTest {
  readonly file: string;
  /** With the groups it is in, outermost first. */
  readonly name: string;
  readonly result: "passed" | "failed" | "skipped";
}
export function testsOf(xml: string): ReportedTest[];
export function countOf(tests: readonly ReportedTest[], result: ReportedTest["result"]): number;
