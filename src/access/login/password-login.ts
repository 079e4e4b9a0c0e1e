import type { JwtSettings } from "../../config/schema/schema.ts";
import type { Clock } from "../../vocabulary/clock.ts";
import { Failure, invalidRequest } from "../../vocabulary/failure.ts";
import { type IssuedToken, issueToken, issuingSecret } from "../tokens/issue.ts";
import { blocked } from "../tokens/refusals.ts";
import { asked, type UserBook } from "../tokens/user-book.ts";
import type { Passwords } from "./passwords.ts";
import type { Throttle } from "./throttle/throttle.ts";

/** Somebody at the door. */
export interface Credentials {
  readonly email: string;
  readonly password: string;
  /** The client's. */
  readonly address: string;
}

export interface PasswordLogin {
  /**
   * A token for whoever knows the password. Rejects with `invalid-key`, in the same words and after the same work whether there is no such
   * user, one without a password, or another password; with `rate-limited` after too many tries; with `not-found` where no tokens are made.
   */
  login(credentials: Credentials): Promise<IssuedToken>;
}

export interface PasswordLoginParts {
  readonly settings: () => JwtSettings;
  readonly book: Pick<UserBook, "findByEmail" | "setPassword">;
  readonly passwords: Passwords;
  readonly throttle: Throttle;
  readonly clock: Clock;
}

/** RFC 5321: no address is longer. */
const LONGEST_EMAIL = 320;

/** Login with e-mail address and password. */
export function createPasswordLogin({ settings, book, passwords, throttle, clock }: PasswordLoginParts): PasswordLogin {
  return {
    async login({ email, password, address }) {
      const current = settings();
      issuingSecret(current);
      const account = email.trim().toLowerCase();
      if (account === "" || account.length > LONGEST_EMAIL) throw invalidRequest("email", "email is missing, or is no address.");
      if (password === "") throw invalidRequest("password", "password is missing.");
      const attempt = await throttle.attempt(address, account);
      const user = await asked(() => book.findByEmail(account));
      const hash = user?.passwordHash;
      if (!(await passwords.verify(password, hash)) || user === undefined || hash === undefined)
        throw new Failure("invalid-key", "The e-mail address or the password is not right.");
      attempt.succeeded();
      if (user.blockedAt !== undefined) throw blocked(user.blockedAt);
      // A hash of older parameters is made anew while its password is at hand; who logs in does not wait for that to be written, nor fail with it.
      if (!passwords.isCurrent(hash)) renew(user.id, password);
      return issueToken(user, current, clock.now());
    },
  };

  function renew(id: string, password: string): void {
    passwords
      .hash(password)
      .then((fresh) => book.setPassword(id, fresh))
      .catch(() => undefined);
  }
}
