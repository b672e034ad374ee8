import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import fc from "fast-check";
import { expect, it } from "vitest";
import { collectHeaders } from "./collect-headers.ts";

/** What Node makes of a list; the function has no public name. */
function byNode(raw: readonly string[]): Record<string, unknown> {
  const message = new IncomingMessage(new Socket()) as IncomingMessage & {
    _addHeaderLine(name: string, value: string, headers: Record<string, unknown>): void;
  };
  const headers: Record<string, unknown> = {};
  for (let index = 0; index < raw.length; index += 2) {
    message._addHeaderLine(raw[index] as string, raw[index + 1] as string, headers);
  }
  return headers;
}

const KNOWN = [
  "age",
  "authorization",
  "content-length",
  "content-type",
  "etag",
  "expires",
  "from",
  "host",
  "if-modified-since",
  "if-unmodified-since",
  "last-modified",
  "location",
  "max-forwards",
  "proxy-authorization",
  "referer",
  "retry-after",
  "server",
  "user-agent",
  "cookie",
  "set-cookie",
  "accept",
  "date",
  "vary",
  "x-a",
];

it("joins what comes twice as Node does, whatever the case of its name", () => {
  const name = fc.tuple(fc.constantFrom(...KNOWN), fc.constantFrom("lower", "upper", "title")).map(([text, form]) => {
    if (form === "lower") return text;
    return form === "upper" ? text.toUpperCase() : text.replaceAll(/(?:^|-)[a-z]/g, (part) => part.toUpperCase());
  });
  const value = fc.string({ unit: fc.constantFrom("a", ",", " ", ";"), maxLength: 4 });
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value), { maxLength: 12 }), (list) => {
      expect({ ...collectHeaders(list.flat()) }).toEqual(byNode(list.flat()));
    }),
    { numRuns: 2_000 },
  );
});

it.each(KNOWN)("treats a second %s as Node does", (name) => {
  const raw = [name, "", name.toUpperCase(), "b", name, "c"];
  expect({ ...collectHeaders(raw) }).toEqual(byNode(raw));
});

it("keeps headers apart from what every object has", () => {
  const headers = collectHeaders(["__proto__", "a", "Constructor", "b", "toString", "c", "__PROTO__", "d"]);
  expect(Object.entries(headers)).toEqual([
    ["__proto__", "a, d"],
    ["constructor", "b"],
    ["tostring", "c"],
  ]);
  expect(collectHeaders([])["constructor"]).toBeUndefined();
});
