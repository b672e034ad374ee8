import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allowedRetries, outgoingAttempt, readAttempt } from "./attempt-number.ts";

describe("the number of an attempt", () => {
  it("is 1 for a request without one, and for nonsense", () => {
    const values = [undefined, "", "0", "-1", "1.5", "2x", "007", "100", "1e3"];
    expect(values.map((value) => readAttempt(value))).toEqual(values.map(() => 1));
    expect(readAttempt("2")).toBe(2);
  });

  it("allows no retry of a retry", () => {
    expect([allowedRetries(1, 2), allowedRetries(2, 2)]).toEqual([2, 0]);
  });

  it("keeps a chain of hops at one hop's number of requests", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 0, max: 5 }), (hops, retries) => {
        // The last hop always fails: how many requests reach it?
        const reach = (hop: number, header: string | undefined): number => {
          if (hop === 0) return 1;
          const incoming = readAttempt(header);
          let sum = 0;
          for (let attempt = 0; attempt <= allowedRetries(incoming, retries); attempt += 1) {
            sum += reach(hop - 1, String(outgoingAttempt(incoming, attempt)));
          }
          return sum;
        };
        // First attempts are retried at each hop, their retries at none.
        expect(reach(hops, undefined)).toBe(1 + hops * retries);
      }),
    );
  });

  it("always fits its header", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), fc.nat(1_000), (incoming, attempts) => {
        const outgoing = outgoingAttempt(incoming, attempts);
        return readAttempt(String(outgoing)) === outgoing && outgoing >= incoming;
      }),
    );
  });
});
