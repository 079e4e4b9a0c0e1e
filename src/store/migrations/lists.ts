import type { Migration, Room } from "../migrate.ts";
import { batches } from "./batches/0001-batches.ts";
import { keys } from "./ledger/0001-keys.ts";
import { keyOptions } from "./ledger/0002-key-options.ts";
import { users } from "./ledger/0003-users.ts";
import { keyRights } from "./ledger/0004-key-rights.ts";
import { audit } from "./ledger/0005-audit.ts";
import { money } from "./ledger/0010-money.ts";
import { rerated } from "./ledger/0011-rerated.ts";
import { usersSeen } from "./ledger/0012-users-seen.ts";
import { fleet } from "./ledger/0013-fleet.ts";
import { requests } from "./requests/0001-requests.ts";
import { units } from "./requests/0002-units.ts";
import { endUsers } from "./requests/0003-end-users.ts";
import { cacheOutcome } from "./requests/0004-cache.ts";
import { charges } from "./requests/0005-charges.ts";
import { usage } from "./requests/0006-usage.ts";
import { pricedBy } from "./requests/0007-priced-by.ts";
import { owners } from "./requests/0008-owners.ts";
import { usageDays } from "./requests/0009-usage-days.ts";
import { inBatches } from "./requests/0010-batches.ts";
import { responses } from "./responses/0001-responses.ts";

/** What each room went through, oldest first. Only ever appended to. */
const LEDGER_MIGRATIONS: readonly Migration[] = [keys, keyOptions, users, keyRights, audit, money, rerated, usersSeen, fleet];
const REQUESTS_MIGRATIONS: readonly Migration[] = [requests, units, endUsers, cacheOutcome, charges, usage, pricedBy, owners, usageDays, inBatches];
const RESPONSES_MIGRATIONS: readonly Migration[] = [responses];
const BATCHES_MIGRATIONS: readonly Migration[] = [batches];
export const MIGRATIONS: Readonly<Record<Room, readonly Migration[]>> = {
  ledger: LEDGER_MIGRATIONS,
  requests: REQUESTS_MIGRATIONS,
  responses: RESPONSES_MIGRATIONS,
  batches: BATCHES_MIGRATIONS,
};
