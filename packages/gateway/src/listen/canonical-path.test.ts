import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isUnreadable, otherReadings } from "./canonical-path.ts";

describe("other readings of a path", () => {
  it.each([
    ["//admin", "/admin"],
    ["/%61dmin", "/admin"],
    ["/%2561dmin", "/admin"],
    ["/admin;a=b/x;c", "/admin/x"],
    ["/\\admin", "/admin"],
    ["/%2fadmin", "/admin"],
    ["/a%zz", "/a%zz"],
    ["/%e4%bd%a0", "/\u00e4\u00bd\u00a0"],
  ])("%s may be read as %s", (path, decoded) => {
    expect(otherReadings(path)?.decoded).toBe(decoded);
  });

  it("folds upper case apart", () => {
    expect(otherReadings("/Admin")).toEqual({ decoded: "/Admin", folded: "/admin" });
  });

  it("there is none for a path of plain lower-case segments", () => {
    const segment = fc.stringMatching(/^[a-z0-9._~!$&'()*+,=:@-]{1,12}$/);
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 5 }), (segments) => {
        return otherReadings(`/${segments.join("/")}`) === undefined;
      }),
    );
  });

  it("is found for every way to encode the letters of a path, once or twice", () => {
    const encode = (letter: string, times: number): string => {
      let text = letter;
      for (let round = 0; round < times; round += 1) {
        text = round === 0 ? `%${letter.charCodeAt(0).toString(16)}` : text.replaceAll("%", "%25");
      }
      return text;
    };
    const times = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(times, (each) => {
        const path = `/${[..."admin"].map((letter, index) => encode(letter, each[index] ?? 0)).join("")}`;
        return path === "/admin" || otherReadings(path)?.decoded === "/admin";
      }),
    );
  });
});

it.each(["/a%00", "/a%0d%0ab", "/%2500", "/a%7f", "/a#b"])("%s can be read by nobody", (path) => {
  expect(isUnreadable(path)).toBe(true);
});
