import { Failure, invalidRequest } from "../../vocabulary/failure.ts";

/** How hashes are made and checked: slow on purpose, and off the event loop. */
export interface PasswordHasher {
  hash(password: string): Promise<string>;
  verify(password: string, hash: string): Promise<boolean>;
  /** Was it made as hashes are made today? */
  isCurrent(hash: string): boolean;
}

export interface Passwords {
  /** The hash of a new password. Rejects with `invalid-request` for one that breaks the rules, and with `overloaded`. */
  hash(password: string): Promise<string>;
  /** Is this the password? Without a hash it takes as long to say no. Rejects with `overloaded` when too many wait for an answer. */
  verify(password: string, hash: string | undefined): Promise<boolean>;
  isCurrent(hash: string): boolean;
}

const SHORTEST = 12;
/** Bytes: what is longer costs us more than whoever sends it. */
const LONGEST = 1024;

/** Each takes 19 MiB and a core while it runs. */
const AT_ONCE = 2;
const WAITING = 32;

/** The hash of a random password that nobody kept, with the parameters of all others. */
export const DECOY = "$argon2id$v=19$m=19456,t=2,p=1$PG9MI4qBzFqog9ZSQRTy3meWzEStQg17Q1N9XCWB1T0$CkqKxvhLG+q0ADZPLHgpXUiEtvrfpQmFEf92SyON64M";

/** Passwords, few at once. */
export function createPasswords(hasher: PasswordHasher): Passwords {
  let running = 0;
  const line: (() => void)[] = [];
  const inTurn = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (running >= AT_ONCE) {
      if (line.length >= WAITING) throw new Failure("overloaded", "Too many logins are being checked. Try again in a moment.", { retryAfter: 2 });
      await new Promise<void>((go) => line.push(go));
    } else running++;
    try {
      return await work();
    } finally {
      // Whoever is next takes the place over.
      const next = line.shift();
      if (next === undefined) running--;
      else next();
    }
  };
  return {
    async hash(password) {
      checkRules(password);
      return inTurn(() => hasher.hash(password.normalize("NFC")));
    },
    async verify(password, hash) {
      if (Buffer.byteLength(password) > LONGEST) throw tooLong();
      const right = await inTurn(() => hasher.verify(password.normalize("NFC"), hash ?? DECOY));
      return right && hash !== undefined;
    },
    isCurrent: hasher.isCurrent,
  };
}

/** Length is what counts; classes of letters only make people write `Passw0rd!`. Throws `invalid-request`, without the password. */
function checkRules(password: string): void {
  if ([...password].length < SHORTEST) throw invalidRequest("password", `A password has at least ${SHORTEST} characters. A sentence is a good one.`);
  if (Buffer.byteLength(password) > LONGEST) throw tooLong();
  if (new Set(password).size < 4) throw invalidRequest("password", "This password is one character over and over. Choose another.");
}

function tooLong(): Failure {
  return invalidRequest("password", `A password has at most ${LONGEST} bytes.`);
}
