import type { Migration } from "../migrate.ts";
import { keys } from "./ledger/0001-keys.ts";
import { requests } from "./requests/0001-requests.ts";
import { units } from "./requests/0002-units.ts";

/** What each file went through, oldest first. Only ever appended to. */
export const LEDGER_MIGRATIONS: readonly Migration[] = [keys];
export const REQUESTS_MIGRATIONS: readonly Migration[] = [requests, units];
