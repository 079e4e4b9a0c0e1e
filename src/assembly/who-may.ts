import { createIdentity } from "../access/identify.ts";
import { createKeys, type Keys } from "../access/keys.ts";
import { declaredKeys } from "../config/declared-keys.ts";
import type { Settings } from "../config/schema/schema.ts";
import type { Signalbox } from "../gateway/signalbox.ts";
import type { Exchange } from "../gateway/visit/exchange.ts";
import type { KeyStore } from "../store/keys/keys.ts";
import { StoreTrouble } from "../store/trouble.ts";
import { type Caller, hasRole } from "../vocabulary/caller.ts";
import { Failure } from "../vocabulary/failure.ts";
import type { Installation } from "./installation.ts";
import type { Replicas } from "./replicas.ts";

/** Who may what, and the keys by which that is told. */
export interface WhoMay {
  readonly keys: Keys;
  readonly identify: Signalbox["access"]["identify"];
  /** Throws `invalid-key` or `permission-denied` for whoever may not manage. */
  admitOperator(exchange: Exchange): Promise<void>;
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

export function whoMay(store: KeyStore, installation: Installation, replicas: Replicas): WhoMay {
  const settings = (): Settings => installation.current().snapshot.settings;
  const identity = createIdentity({ keys: store, bounds: { trustedForMs: settings().database.known_keys } });
  /** Before that a key that is not found may only not be declared yet. */
  let takenOver = false;
  const forget = (keyId: string) => {
    identity.forget(keyId);
    replicas.tell("key", keyId);
  };
  replicas.hear("key", identity.forget);
  const keys = createKeys({ book: store, forget });
  const identify = (headers: Headers, search: string): Caller | Promise<Caller> => {
    const queryKey = search === "" ? undefined : (new URLSearchParams(search).get("key") ?? undefined);
    if (!settings().server.private_mode && queryKey === undefined && !hasCredential(headers)) return ANYBODY;
    if (!takenOver) throw new Failure("overloaded", "This Signalbox has not reached its database yet. Ask again in a moment.", { retryAfter: 5 });
    return identity.identify(headers, queryKey);
  };
  return {
    keys,
    identify,
    async admitOperator(exchange) {
      const caller = await identify(exchange.headers, exchange.search);
      exchange.visit.caller = caller;
      if (!hasRole(caller, "admin")) throw new Failure("permission-denied", "This needs an admin key.");
    },
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
      const [admin, declared] = await again(
        async () => [await keys.ensureAdminKey(loaded.settings.auth.admin_key), await keys.syncDeclared(declaredKeys(loaded))] as const,
      );
      takenOver = true;
      const newAdmin = admin.key === undefined ? undefined : { id: admin.row.id, key: admin.key };
      return { newAdmin, warnings: [...admin.warnings, ...declared.warnings] };
    },
    hasTakenOver: () => takenOver,
    forgetAll: identity.forgetAll,
  };
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
