import { writeSync } from "node:fs";
import { openStore } from "./open.ts";
import { key, record } from "./temporary.fixture.ts";

// Run by open.test.ts in a process of its own: writes 600 rows and a key, then 10 rows more, and dies without closing anything.
const store = await openStore({ dataDir: process.argv[2] ?? "" });
for (let number = 0; number < 600; number++) store.requests.append(record(number));
await store.requests.flush();
await store.keys.insert(key("a"));
for (let number = 600; number < 610; number++) store.requests.append(record(number));
writeSync(1, "written");
process.kill(process.pid, "SIGKILL");
