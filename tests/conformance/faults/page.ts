/** `bun tests/conformance/faults/page.ts`: plays the matrix and puts its table on docs/failover.md. */
import { writeFileSync } from "node:fs";
import { SPEAKERS } from "../matrix/matrix.ts";
import { FAULTS } from "./faults.ts";
import { openFaultMatrix, PAGE, pageWith } from "./matrix.ts";

const matrix = await openFaultMatrix();
for (const fault of Object.keys(FAULTS))
  for (const client of SPEAKERS) for (const wrong of await matrix.fill(fault, client)) console.error(`${fault}, ${wrong}`);
writeFileSync(PAGE, pageWith(matrix.text()));
await matrix.stop();
