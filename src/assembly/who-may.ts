import { createIdentity } from "../access/identify.ts";
import { createKeys, type Keys } from "../access/keys.ts";
import { declaredKeys } from "../config/declared-keys.ts";
import type { Settings } from "../config/schema/schema.ts";
import type { Signalbox } from "../gateway/signalbox.ts";
import type { Exchange } from "../gateway/visit/exchange.ts";
import type { KeyStore } from "../store/keys/keys.ts";
import { type Caller, hasRole } from "../vocabulary/caller.ts";
import { Failure } from "../vocabulary/failure.ts";
import type { Installation } from "./installation.ts";
import type { Logins } from "./logins.ts";
import type { Replicas } from "./replicas.ts";

/** Who may what, and the keys by which that is told. */
export interface WhoMay {
  readonly keys: Keys;
  readonly identify: Signalbox["access"]["identify"];
  /**
   * Who is asking where people do, with a browser: by its login too, when it shows nothing else. Throws as `identify` does, and
   * `permission-denied` for a request that another site's page made.
   */
  identifyPerson(exchange: Exchange): Caller | Promise<Caller>;
  /** Throws `invalid-key` or `permission-denied` for whoever may not manage. */
  admitOperator(exchange: Exchange): Promise<void>;
  /** Does this client show a credential that is known? */
  isKnown(exchange: Exchange): Promise<boolean>;
  /** The first admin key, then the keys that file and environment declare. */
  takeOverKeys(): Promise<{ readonly newAdmin?: { readonly id: string; readonly key: string }; readonly warnings: readonly string[] }>;
  /** Everybody is looked up anew: what others have changed may have been missed. */
  forgetAll(): void;
}

/** A caller where no key is needed: `server.private_mode: false` on loopback. */
const ANYBODY: Caller = { keyId: "anybody", keyName: "anybody", role: "member" };

/** How callers are known. */
interface Known {
  readonly keys: KeyStore;
  /** Absent: by keys alone. */
  readonly logins?: Pick<Logins, "tokens" | "sessions" | "forgetAll">;
}

export function whoMay({ keys: store, logins }: Known, installation: Installation, replicas: Replicas): WhoMay {
  const settings = (): Settings => installation.current().snapshot.settings;
  const identity = createIdentity({ keys: store, tokens: logins?.tokens });
  const forget = (keyId: string) => {
    identity.forget(keyId);
    replicas.tell("key", keyId);
  };
  replicas.hear("key", identity.forget);
  const keys = createKeys({ book: store, forget });
  const identify = (headers: Headers, search: string): Caller | Promise<Caller> => {
    const queryKey = search === "" ? undefined : (new URLSearchParams(search).get("key") ?? undefined);
    if (!settings().server.private_mode && queryKey === undefined && !hasCredential(headers)) return ANYBODY;
    return identity.identify(headers, queryKey);
  };
  const identifyPerson = ({ headers, search }: Exchange): Caller | Promise<Caller> => {
    const session = hasCredential(headers) ? undefined : logins?.sessions.caller(headers);
    return session ?? identify(headers, search);
  };
  return {
    keys,
    identify,
    identifyPerson,
    async admitOperator(exchange) {
      const caller = await identifyPerson(exchange);
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
      const admin = await keys.ensureAdminKey(loaded.settings.auth.admin_key);
      const declared = await keys.syncDeclared(declaredKeys(loaded));
      const newAdmin = admin.key === undefined ? undefined : { id: admin.row.id, key: admin.key };
      return { newAdmin, warnings: [...admin.warnings, ...declared.warnings] };
    },
    forgetAll() {
      identity.forgetAll();
      logins?.forgetAll();
    },
  };
}

function hasCredential(headers: Headers): boolean {
  return ["authorization", "x-api-key", "api-key", "x-goog-api-key"].some((name) => headers.has(name));
}
