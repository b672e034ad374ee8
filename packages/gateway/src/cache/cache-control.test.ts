import { expect, it } from "vitest";
import { readCacheWish } from "./cache-control.ts";

it.each([
  [undefined, "use"],
  ["", "use"],
  ["max-age=60", "use"],
  ["no-cache", "refresh"],
  ["Max-Age=0", "refresh"],
  ["no-cache, no-store", "pass-by"],
  ["private,NO-STORE", "pass-by"],
  ["x-no-store", "use"],
])("takes cache-control %j as %s", (header, wish) => {
  expect(readCacheWish(header)).toBe(wish);
});
