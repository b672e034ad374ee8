import { describe, expect, it } from "vitest";
import type { Exchange } from "../stages/exchange.ts";
import type { Endpoint } from "../worker/endpoint.ts";
import { traceHeaders } from "./trace-headers.ts";

const ENDPOINT = { authority: "a:1" } as Partial<Endpoint> as Endpoint;
const exchangeOf = (headers: Record<string, string>): Exchange =>
  ({ request: { headers }, context: {}, trace: undefined }) as unknown as Exchange;

describe("traceHeaders without traces", () => {
  it("pass on what the client sent, unchanged", () => {
    const sent = { traceparent: "anything", tracestate: "a=b" };
    expect(traceHeaders(exchangeOf(sent), ENDPOINT, false)).toEqual(["traceparent", "anything", "tracestate", "a=b"]);
    expect(traceHeaders(exchangeOf({ traceparent: "x" }), ENDPOINT, false)).toEqual(["traceparent", "x"]);
  });

  it("are none for a client that sent none, and for a provider outside", () => {
    expect(traceHeaders(exchangeOf({ tracestate: "a=b" }), ENDPOINT, false)).toEqual([]);
    expect(traceHeaders(exchangeOf({ traceparent: "x" }), ENDPOINT, true)).toEqual([]);
  });
});
