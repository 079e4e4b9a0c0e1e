/** Where people land after a login that was not on the way anywhere. */
const HOME = "/";

/** A base that no address of ours has. */
const NOWHERE = "http://nowhere.invalid";

/** This place, if it is one of ours; else the front page: a login must not lead to somebody else's. */
export function ownPath(wanted: string | null): string {
  if (wanted === null || !/^\/[^/\\]/.test(wanted) || wanted.length > 2000) return HOME;
  try {
    const url = new URL(wanted, NOWHERE);
    // What it was read as, not what it was written as: browsers read alike. A path may begin with two slashes only after that.
    return url.origin === NOWHERE && !url.pathname.startsWith("//") ? url.pathname + url.search + url.hash : HOME;
  } catch {
    return HOME;
  }
}
