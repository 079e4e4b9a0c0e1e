/** argon2id as OWASP's Password Storage Cheat Sheet has it: 19 MiB, two passes, one lane. About 20 ms of a core. */
const MEMORY_KIB = 19_456;
const PASSES = 2;
const CURRENT = `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=1$`;

/** Hashes of passwords, made and checked on threads of the runtime: the event loop goes on meanwhile. */
export const argon2 = {
  /** The hash as a PHC string, with its own salt. */
  hash: (password: string): Promise<string> => Bun.password.hash(password, { algorithm: "argon2id", memoryCost: MEMORY_KIB, timeCost: PASSES }),
  /** Is this the password? Hashes of bcrypt are understood too, for users who come from elsewhere. Rejects for what is no hash. */
  verify: (password: string, hash: string): Promise<boolean> => Bun.password.verify(password, hash),
  /** Was it made as hashes are made today? */
  isCurrent: (hash: string): boolean => hash.startsWith(CURRENT),
};
