import { describe, expect, it } from "vitest";
import type { ClientRequest } from "../listen/client-request.ts";
import type { Exchange } from "./exchange.ts";
import { buildUpstreamHeaders } from "./upstream-headers.ts";

/** An exchange as far as headers need it. */
function exchange(peer: string, rawHeaders: readonly string[]): Exchange {
  const headers: Record<string, string> = {};
  for (let index = 0; index < rawHeaders.length; index += 2) {
    headers[(rawHeaders[index] as string).toLowerCase()] = rawHeaders[index + 1] as string;
  }
  const request = { rawHeaders, headers, socket: { remoteAddress: peer } } as unknown as ClientRequest;
  return { request, id: "req_1", attemptsSent: 0, deadlineAt: Number.POSITIVE_INFINITY } as Exchange;
}

function asObject(list: readonly string[]): Record<string, string> {
  const pairs: [string, string][] = [];
  for (let index = 0; index < list.length; index += 2) pairs.push([list[index] as string, list[index + 1] as string]);
  return Object.fromEntries(pairs);
}

const SPOOFED = [
  "Host",
  "app.example",
  "X-Forwarded-For",
  "203.0.113.9",
  "X-Forwarded-Proto",
  "https",
  "X-Forwarded-Host",
  "shop.example",
];

describe("buildUpstreamHeaders", () => {
  it("adds to what a proxy on this machine says about its client", () => {
    expect(asObject(buildUpstreamHeaders(exchange("127.0.0.1", SPOOFED), { isWholeBody: true }))).toMatchObject({
      "x-forwarded-for": "203.0.113.9, 127.0.0.1",
      "x-forwarded-proto": "https",
      "x-forwarded-host": "shop.example",
    });
  });

  it("believes nothing that anybody else says about where the request comes from", () => {
    expect(asObject(buildUpstreamHeaders(exchange("198.51.100.7", SPOOFED), { isWholeBody: true }))).toEqual({
      host: "app.example",
      "x-request-id": "req_1",
      "x-forwarded-for": "198.51.100.7",
      "x-forwarded-proto": "http",
      "x-forwarded-host": "app.example",
    });
  });

  it("drops every header that the Connection header names", () => {
    const raw = ["Host", "a", "Connection", "close, X-One , x-two", "X-One", "1", "X-TWO", "2", "X-Three", "3"];
    const headers = asObject(buildUpstreamHeaders(exchange("::1", raw), { isWholeBody: true }));
    expect(Object.keys(headers)).toEqual([
      "host",
      "X-Three",
      "x-request-id",
      "x-forwarded-for",
      "x-forwarded-proto",
      "x-forwarded-host",
    ]);
  });

  it("keeps the length of a streamed body and leaves the one of a whole body to the client below", () => {
    const raw = ["Host", "a", "Content-Length", "5"];
    expect(asObject(buildUpstreamHeaders(exchange("::1", raw), { isWholeBody: false }))["Content-Length"]).toBe("5");
    expect(buildUpstreamHeaders(exchange("::1", raw), { isWholeBody: true })).not.toContain("Content-Length");
  });

  it("tells the next hop which attempt it is, counted over all hops, and believes no nonsense", () => {
    const number = (value: string | undefined, attemptsSent: number): unknown => {
      const raw = ["Host", "a", ...(value === undefined ? [] : ["X-Flyball-Attempt", value])];
      const headers = buildUpstreamHeaders({ ...exchange("::1", raw), attemptsSent }, { isWholeBody: true });
      return asObject(headers)["x-flyball-attempt"];
    };
    expect([number(undefined, 0), number(undefined, 1), number("2", 1), number("-9", 0)]).toEqual([
      undefined,
      "2",
      "3",
      undefined,
    ]);
  });

  it("sends a provider outside nothing but what is listed", () => {
    const raw = [
      "Host",
      "a",
      "Content-Type",
      "application/json",
      "Cookie",
      "x",
      "X-Internal",
      "y",
      "X-Flyball-Attempt",
      "2",
    ];
    const headers = buildUpstreamHeaders(exchange("::1", raw), {
      isWholeBody: true,
      authority: "api.example",
      only: new Set(["content-type"]),
      extra: ["authorization", "Bearer z"],
    });
    expect(asObject(headers)).toEqual({
      host: "api.example",
      "Content-Type": "application/json",
      "x-request-id": "req_1",
      authorization: "Bearer z",
    });
  });
});
