// A path may be written in ways that one program takes for another path: `//admin`, `/%61dmin`, `/admin;x`, `/Admin`. The gateway sends
// the client's own bytes on, so whoever is behind it may read a path that the gateway did not. Here stand the readings to compare.

const UNCLEAR = /[%;\\A-Z]|\/\//;

/** Other readings of a path. */
export interface PathReadings {
  /** Decoded, without parameters and doubled slashes. */
  readonly decoded: string;
  /** As before, in lower case. */
  readonly folded: string;
}

/** Whether no program may read it: an encoded NUL or control character, or a fragment, which no request has. */
export function isUnreadable(path: string): boolean {
  return path.includes("#") || /%(?:25)*(?:[01][0-9a-f]|7f)/i.test(path);
}

/** undefined for a path that has one reading only. */
export function otherReadings(path: string): PathReadings | undefined {
  if (!UNCLEAR.test(path)) return undefined;
  const decoded = decode(decode(path))
    .replaceAll("\\", "/")
    .split("/")
    .map((segment) => segment.split(";", 1)[0])
    .join("/")
    .replaceAll(/\/{2,}/g, "/");
  return { decoded, folded: decoded.toLowerCase() };
}

/** What cannot be decoded stays as it is. */
function decode(path: string): string {
  return path.replaceAll(/%([0-9a-f]{2})/gi, (_all, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
