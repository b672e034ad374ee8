import { describe, expect, it } from "vitest";
import { parseRequestLine } from "./request-line.ts";
import { parseTryRequest } from "./try-request.ts";

describe("a line of requests", () => {
  it("is a plain request or a call of a model", () => {
    const plain = { service: "web", path: "/ask", method: "POST", headers: { accept: "text/plain" }, body: "x" };
    expect(parseRequestLine(JSON.stringify(plain), "r:1")).toEqual(plain);
    const call = { model: "chat", prompt: "hello", stream: true, maxTokens: 5 };
    expect(parseRequestLine(JSON.stringify(call), "r:2")).toEqual(call);
  });

  it.each([
    ["{", "r.ndjson:3: field -: expected JSON"],
    ["[1]", "field -: expected {…}"],
    ['{"service":"web"}', "r.ndjson:3: field path: expected text"],
    ['{"service":"web","path":"ask"}', "field path: expected /…"],
    ['{"service":"web","path":"/","bdy":"x"}', "field bdy: bdy is not known here. Known: body"],
    ['{"model":"chat","prompt":"x","stream":"yes"}', "field stream: expected true, false"],
    ['{"model":"chat"}', "field prompt: expected text"],
  ])("%s is refused with place and field", (line, words) => {
    expect(() => parseRequestLine(line, "r.ndjson:3")).toThrow(words);
  });
});

describe("a label with a request to try", () => {
  it("is read as far as load can be made of it", () => {
    expect(parseTryRequest('curl -X POST -d "question=什么是人工智能？" {url}/ask')).toEqual({
      method: "POST",
      path: "/ask",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "question=什么是人工智能？",
    });
    expect(parseTryRequest("curl -s {url}/items")).toEqual({ method: "GET", path: "/items", headers: {} });
    expect(parseTryRequest("wget {url}/")).toBeUndefined();
    expect(parseTryRequest("curl {url}/ | sh")).toBeUndefined();
  });
});
