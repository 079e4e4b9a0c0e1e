import { type Attribution, createAttribution } from "../access/attributed.ts";
import { type Authors, createAuthors } from "../access/authors.ts";
import { createIdentity } from "../access/identify.ts";
import { createKeys, type Keys } from "../access/keys.ts";
import type { Throttle } from "../access/login/throttle/throttle.ts";
import { standingIn } from "../access/standing.ts";
import { createTeams, type Teams } from "../access/teams.ts";
import { createUsers, type Users, type UsersParts } from "../access/users.ts";
import { type DeclaredKey, declaredKeys } from "../config/declared-keys.ts";
import type { Settings } from "../config/schema/schema.ts";
import type { Signalbox } from "../gateway/signalbox.ts";
import type { Exchange } from "../gateway/visit/exchange.ts";
import type { Store } from "../store/open.ts";
import { StoreTrouble } from "../store/trouble.ts";
import type { UpstreamClient } from "../upstream/client.ts";
import type { Caller } from "../vocabulary/caller.ts";
import { Failure } from "../vocabulary/failure.ts";
import { nanoOf } from "../vocabulary/money.ts";
import type { Installation } from "./installation.ts";
import { type Logins, openLogins } from "./logins.ts";
import type { Replicas } from "./replicas.ts";

/** Who may what, and the keys by which that is told. */
export interface WhoMay {
  readonly keys: Keys;
  readonly users: Users;
  readonly teams: Teams;
  readonly identify: Signalbox["access"]["identify"];
  readonly callerNow: Authors["callerNow"];
  readonly attributed: Attribution["attributed"];
  /**
   * Whose browser is logged in, where it shows nothing else; `undefined`: nobody's. For routes of people alone. Throws `permission-denied` for a
   * request that another site's page made, throws or rejects with `invalid-key` for a login that has ended.
   */
  loggedIn(exchange: Exchange): Caller | Promise<Caller> | undefined;
  readonly logins: Logins;
  /** Does this client show a credential that is known? */
  isKnown(exchange: Exchange): Promise<boolean>;
  /** The first admin key, then the keys that file and environment declare. */
  takeOverKeys(): Promise<TakenOver>;
  /** Has that been done? Until then nobody is known, and nobody called wrong for it. */
  hasTakenOver(): boolean;
  /** Everybody is looked up anew: what others have changed may have been missed. */
  forgetAll(): void;
}

/** What became of the keys that are declared. */
export interface TakenOver {
  /** The first admin key, only when it was made just now. */
  readonly newAdmin?: { readonly id: string; readonly key: string };
  /** Sentences for the operator. */
  readonly warnings: readonly string[];
}

/** A caller where no key is needed: `server.private_mode: false` on loopback. */
const ANYBODY: Caller = { keyId: "anybody", keyName: "anybody", role: "member" };

/** What is around: the other gateways, the outside world, our folder, and who gives new users what they begin with. */
interface Surroundings {
  readonly replicas: Replicas;
  readonly upstream: UpstreamClient;
  readonly dataDir: string;
  readonly throttle?: Throttle;
  readonly welcome: UsersParts["welcome"];
}

export function whoMay(
  store: Pick<Store, "keys" | "users" | "teams">,
  installation: Installation,
  { replicas, upstream, dataDir, throttle, welcome }: Surroundings,
): WhoMay {
  const settings = (): Settings => installation.current().snapshot.settings;
  /** Before that a key that is not found may only not be declared yet. */
  let takenOver = false;
  const forgetHere = (id: string) => {
    identity.forget(id);
    attribution.forget(id);
    logins.forget(id);
  };
  const forget = (id: string) => {
    forgetHere(id);
    replicas.tell("access", id);
  };
  replicas.hear("access", forgetHere);
  const users = createUsers({ book: store.users, forget, welcome });
  // Whoever another issuer sends begins with what is theirs, which may be less than what those get who are made here.
  const strangersWelcome: Users["create"] = (wish) => users.create({ balance: nanoOf(settings().auth.new_user_balance), ...wish });
  const logins = openLogins({ settings, users: { ...users, create: strangersWelcome, standing: standingIn(store) }, upstream, dataDir, throttle });
  const identity = createIdentity({ keys: store.keys, tokens: logins.tokens, bounds: { trustedForMs: settings().database.known_keys } });
  const attribution = createAttribution({
    users,
    holder: store.users.holder,
    settings() {
      const { create_vouched_users, match_vouched_emails } = settings().auth;
      return { create: create_vouched_users, byEmail: match_vouched_emails };
    },
  });
  const keys = createKeys({ book: store.keys, users: store.users, teams: store.teams, forget });
  const identify = (headers: Headers, search: string): Caller | Promise<Caller> => {
    const queryKey = search === "" ? undefined : (new URLSearchParams(search).get("key") ?? undefined);
    if (!settings().server.private_mode && queryKey === undefined && !hasCredential(headers)) return ANYBODY;
    if (!takenOver) throw new Failure("overloaded", "This Signalbox has not reached its database yet. Ask again in a moment.", { retryAfter: 5 });
    return identity.identify(headers, queryKey);
  };
  const authors = createAuthors({
    keys,
    users: { find: users.find, standing: standingIn(store) },
    attributed: attribution.attributed,
    anybody: () => (settings().server.private_mode ? undefined : ANYBODY),
  });
  return {
    keys,
    users,
    teams: createTeams({ book: store.teams, users: store.users, forget }),
    identify,
    callerNow: authors.callerNow,
    attributed: attribution.attributed,
    loggedIn: ({ headers }) => (hasCredential(headers) ? undefined : logins.sessions.caller(headers)),
    logins,
    async isKnown({ headers, search }) {
      if (!hasCredential(headers)) return false;
      try {
        await identify(headers, search);
        return true;
      } catch {
        return false;
      }
    },
    async takeOverKeys() {
      const { loaded } = installation.current();
      const wanted = declaredKeys(loaded);
      const [admin, declared] = await again(async () => [await keys.ensureAdminKey(loaded.settings.auth.admin_key), await keys.syncDeclared(wanted)] as const);
      takenOver = true;
      const newAdmin = admin.key === undefined ? undefined : { id: admin.row.id, key: admin.key };
      return { newAdmin, warnings: [...admin.warnings, ...declared.warnings, ...(await strangers(wanted, store))] };
    },
    forgetAll() {
      identity.forgetAll();
      attribution.forgetAll();
      logins.forgetAll();
    },
    hasTakenOver: () => takenOver,
  };
}

/** What is wrong with for whom declared keys ask: users and teams are made here, and the file may be ahead of that. */
async function strangers(keys: readonly DeclaredKey[], { users, teams }: Pick<Store, "users" | "teams">): Promise<string[]> {
  const warnings: string[] = [];
  for (const { origin, userId, teamId } of keys) {
    if (userId !== undefined && (await users.find(userId)) === undefined)
      warnings.push(`${origin} is the key of the user ${userId}, whom there is not: until there is, no limits but its own bind it.`);
    if (teamId !== undefined && (await teams.find(teamId)) === undefined)
      warnings.push(`${origin} asks for the team ${teamId}, which there is not: until there is, no limits but its own bind it.`);
  }
  return warnings;
}

/** Attempts at what other gateways, started at the same time, do too. */
const ATTEMPTS = 5;

/** Does the work; once more when another gateway was faster, which the next attempt will find done. */
async function again<Result>(work: () => Promise<Result>, attempt = 1): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StoreTrouble) || error.kind !== "conflict" || attempt >= ATTEMPTS) throw error;
    return again(work, attempt + 1);
  }
}

function hasCredential(headers: Headers): boolean {
  return ["authorization", "x-api-key", "api-key", "x-goog-api-key"].some((name) => headers.has(name));
}
