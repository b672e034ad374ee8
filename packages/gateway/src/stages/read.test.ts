import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { createFakeClock, type FakeClock } from "@flyball/fakes";
import type { ClientRequest } from "../listen/client-request.ts";
import { BODY_GAP_MS, readModelBody, type ReadOutcome } from "./read.ts";

/** A request whose body comes as a test pushes it. */
function incoming(headers: Record<string, string> = {}): ClientRequest & Readable {
  const request = Object.assign(new Readable({ read: () => undefined }), { headers, complete: false });
  return request as unknown as ClientRequest & Readable;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function read(request: ClientRequest, clock: FakeClock, maxBytes = 1_000_000): ReadOutcome[] {
  const outcomes: ReadOutcome[] = [];
  readModelBody(request, { maxBytes, clock }, (outcome) => outcomes.push(outcome));
  return outcomes;
}

describe("the body of a model call", () => {
  it("is read whole, whatever its pieces", async () => {
    const [request, clock] = [incoming(), createFakeClock()];
    const outcomes = read(request, clock);
    for (const piece of ["a", "b", null]) {
      request.push(piece);
      await turn();
    }
    expect(outcomes).toEqual([{ kind: "read", body: Buffer.from("ab") }]);
    await clock.advance(10 * BODY_GAP_MS);
    expect(outcomes).toHaveLength(1);
  });

  it("is given up when no piece comes for half a minute, and each piece begins that anew", async () => {
    const [request, clock] = [incoming(), createFakeClock()];
    const outcomes = read(request, clock);
    await turn();
    await clock.advance(BODY_GAP_MS - 1);
    request.push(Buffer.alloc(400_000));
    await turn();
    await clock.advance(BODY_GAP_MS - 1);
    expect(outcomes).toEqual([]);
    await clock.advance(1);
    const details = { timeoutMs: 2 * BODY_GAP_MS - 1 };
    expect(outcomes).toEqual([{ kind: "refused", code: "FB_GATEWAY_BODY_STALLED", details }]);
  });

  it("is given up when it comes byte by byte", async () => {
    const [request, clock] = [incoming(), createFakeClock()];
    const outcomes = read(request, clock);
    await turn();
    for (let second = 0; second < 40; second += 1) {
      request.push("a");
      await turn();
      await clock.advance(1_000);
    }
    expect(outcomes).toMatchObject([{ kind: "refused", code: "FB_GATEWAY_BODY_STALLED" }]);
  });

  it("is refused at its announced length, and when it gets longer than allowed", async () => {
    const clock = createFakeClock();
    const refused = [{ kind: "refused", code: "FB_GATEWAY_BODY_TOO_LARGE", details: { limitBytes: 10 } }];
    expect(read(incoming({ "content-length": "11" }), clock, 10)).toEqual(refused);
    const request = incoming();
    const outcomes = read(request, clock, 10);
    request.push("12345678901");
    await turn();
    expect(outcomes).toEqual(refused);
  });
});
