/** Where a cookie goes back to. */
export interface CookieReach {
  /** Only over TLS, and then under a name that no other host may set. */
  readonly secure: boolean;
  /** Seconds; 0 ends it. */
  readonly maxAge: number;
}

/** The value of this cookie in a request. */
export function readCookie(headers: Headers, name: string): string | undefined {
  for (const pair of headers.get("cookie")?.split(";") ?? []) {
    const equals = pair.indexOf("=");
    if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return undefined;
}

/** The name in force: `__Host-` binds a cookie to this host, its root and TLS. */
export function cookieName(name: string, secure: boolean): string {
  return secure ? `__Host-${name}` : name;
}

/** A `Set-Cookie` line: never for scripts, and never sent along with what other sites ask, but for following a link. */
export function cookieLine(name: string, value: string, { secure, maxAge }: CookieReach): string {
  return `${cookieName(name, secure)}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}`;
}
