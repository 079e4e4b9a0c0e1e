import { createKeys } from "../access/keys.ts";
import { createPasswords } from "../access/login/passwords.ts";
import { createTeams } from "../access/teams.ts";
import { createUsers } from "../access/users.ts";
import { type MoneyDesk, moneyRoutes } from "../admin/money/money.ts";
import { reratingRoutes } from "../admin/money/rerating.ts";
import { accessRoutes } from "../admin/routes.ts";
import type { Settings } from "../config/schema/schema.ts";
import type { PriceBook } from "../gateway/billing/price-book.ts";
import type { Route } from "../gateway/visit/exchange.ts";
import { argon2 } from "../store/argon2.ts";
import { welcomed } from "../store/ledger/welcome.ts";
import type { Store } from "../store/open.ts";
import { userAccount } from "../vocabulary/ledger.ts";
import { nanoOf } from "../vocabulary/money.ts";

interface Config {
  readonly settings: Settings;
  prices(): PriceBook;
}

/** What of management needs no more than the database, over the database itself: for when no gateway runs. */
export function offlineRoutes(store: Store, { settings, prices }: Config): Route[] {
  const forget = () => undefined; // nobody remembers anybody: no gateway runs
  const atFirst = nanoOf(settings.billing.default_balance) ?? 0n;
  const users = createUsers({ book: store.users, forget, welcome: (user, balance) => welcomed(store.money, user.id, balance ?? atFirst) });
  const access = accessRoutes({
    keys: createKeys({ book: store.keys, users: store.users, teams: store.teams, forget }),
    users,
    teams: createTeams({ book: store.teams, users: store.users, forget }),
    teamsOf: store.teams.of,
    async moneyOf(ids) {
      const accounts = await store.money.accountsOf(ids.map(userAccount));
      return accounts.map(({ balance }) => ({ balance, held: 0n }));
    },
    hashPassword: createPasswords(argon2).hash,
    audit: store.audit,
  });
  const money = deskOver(store.money, async (userId) => (await users.find(userId)) !== undefined);
  return [...access, ...moneyRoutes(money), ...reratingRoutes({ requests: store.requests, books: money, prices })];
}

/** Nothing is held where nobody is answered. */
function deskOver(books: Store["money"], isUser: MoneyDesk["isUser"]): MoneyDesk {
  return {
    held: () => 0n,
    balance: async (account) => (await books.accountsOf([account]))[0]?.balance ?? 0n,
    entries: books.entriesOfAccount,
    ofRequest: books.entriesOfRequest,
    pricedInBooks: books.pricedInBooks,
    rerate: async (reratings) => void (await books.rerate(reratings)),
    enter: async (entry) => (await books.enter(entry))?.balance,
    check: books.check,
    isUser,
  };
}
