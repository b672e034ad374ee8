// What a client wants of the cache, by the `cache-control` header of its call (RFC 9111 §5.2.1).

/** use: an answer that is kept will do. refresh: a new one, which is kept. pass-by: a new one that is not kept. */
export type CacheWish = "use" | "refresh" | "pass-by";

/** Reads the header; unknown directives mean nothing. */
export function readCacheWish(header: string | undefined): CacheWish {
  if (header === undefined) return "use";
  const directives = new Set(
    header
      .toLowerCase()
      .split(",")
      .map((directive) => directive.trim()),
  );
  if (directives.has("no-store")) return "pass-by";
  return directives.has("no-cache") || directives.has("max-age=0") ? "refresh" : "use";
}
