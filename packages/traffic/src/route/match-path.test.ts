import { describe, expect, it } from "vitest";
import { hasDotSegment, normalisePrefix, pathMatches, stripPrefix } from "./match-path.ts";

describe("path prefixes", () => {
  it.each([
    ["/api", "/api", true],
    ["/api/", "/api", true],
    ["/api/x", "/api", true],
    ["/apix", "/api", false],
    ["/", "/api", false],
    ["/anything", "/", true],
  ])("%s below %s: %s", (path, prefix, expected) => {
    expect(pathMatches(path, normalisePrefix(prefix))).toBe(expected);
  });

  it.each([
    ["/api/x?y=1", "/x?y=1"],
    ["/api", "/"],
    ["/api?y=1", "/?y=1"],
    ["/api/", "/"],
  ])("%s without its prefix is %s", (target, expected) => {
    expect(stripPrefix(target, "/api")).toBe(expected);
  });

  it.each([
    "/a/../b",
    "/..",
    "/a/.",
    "/%2e%2e/b",
    "/a/.%2E",
    "/a/..%2fb",
    "/a/%2e%2e%5cb",
    "/./a",
    "/a/..\\b",
    "/a\\..\\b",
    "/a%5c..%5cb",
  ])("%s has a dot segment", (path) => expect(hasDotSegment(path)).toBe(true));

  it.each(["/a/.well-known/x", "/a..b", "/a/...", "/v1/models/org%2Fmodel", "/.hidden", "/a%2eb"])(
    "%s has none",
    (path) => expect(hasDotSegment(path)).toBe(false),
  );
});
