import { writeSync } from "node:fs";
import { openStore } from "./open.ts";
import { record } from "./temporary.fixture.ts";

// Run by outages.test.ts in a process of its own: writes 3 rows while PostgreSQL is away, and dies without closing anything.
const [dataDir = "", url = ""] = process.argv.slice(2);
const store = await openStore({ dataDir, database: { url, timeout: 500 } });
for (let number = 1; number <= 3; number++) store.requests.append(record(number));
await store.requests.flush();
writeSync(1, `${store.requests.state().waiting} wait`);
process.kill(process.pid, "SIGKILL");
