// How a request's path meets a route's prefix. Prefixes end at segment borders: `/api` matches `/api` and `/api/…`, never `/apix`.

/** The prefix without a trailing slash; `""` stands for everything. */
export function normalisePrefix(prefix: string): string {
  return prefix.endsWith("/") ? prefix.slice(0, -1) : prefix;
}

/** Whether a path (without query) lies below a normalised prefix. */
export function pathMatches(path: string, normalisedPrefix: string): boolean {
  if (!path.startsWith(normalisedPrefix)) return false;
  if (path.length === normalisedPrefix.length) return true;
  return path.charCodeAt(normalisedPrefix.length) === 0x2f;
}

/** The request target without a normalised prefix: `/api/x?y` → `/x?y`, `/api?y` → `/?y`. */
export function stripPrefix(target: string, normalisedPrefix: string): string {
  const rest = target.slice(normalisedPrefix.length);
  return rest.startsWith("/") ? rest : `/${rest}`;
}

/**
 * Whether a path has a `.` or `..` segment, written out or percent-encoded. Two programs that read such a path differently send the
 * request to different places, so the gateway refuses it instead of guessing.
 */
export function hasDotSegment(path: string): boolean {
  if (!path.includes(".") && !path.includes("%2")) return false;
  return /(?:^|\/|%2f|\\|%5c)(?:\.|%2e){1,2}(?:$|\/|%2f|\\|%5c)/i.test(path);
}
