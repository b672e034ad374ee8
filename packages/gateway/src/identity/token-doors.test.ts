import { createFakeClock } from "@flyball/fakes";
import { createLogger } from "@flyball/telemetry";
import { describe, expect, it } from "vitest";
import { createTokenIssuer } from "./testdata/token-issuer.ts";
import { createTokenDoors } from "./token-doors.ts";

const clock = createFakeClock();
const logger = createLogger({ clock, level: "error", write: () => undefined });

describe("the door of a worker", () => {
  it("is the same while the policy is, and another one closes it", async () => {
    const issuer = await createTokenIssuer(() => clock.now());
    const doors = createTokenDoors({ fetchDocument: issuer.fetchDocument, clock, logger });
    const first = doors.use(issuer.policy);
    const token = await issuer.sign();
    expect(await first?.check(token)).toMatchObject({ subject: "ann" });
    expect(doors.use({ ...issuer.policy })).toBe(first);
    expect(first?.known(token)).toMatchObject({ subject: "ann" });
    const second = doors.use({ ...issuer.policy, audience: ["other"] });
    expect(second).not.toBe(first);
    expect(await second?.check(token)).toBe("unknown");
    expect(doors.use(undefined)).toBeUndefined();
    expect(clock.pendingTimers()).toBe(0);
  });

  it("that was closed before it had opened fetches nothing", async () => {
    const issuer = await createTokenIssuer(() => clock.now());
    const doors = createTokenDoors({ fetchDocument: issuer.fetchDocument, clock, logger });
    const door = doors.use(issuer.policy);
    doors.use(undefined);
    expect(await door?.check(await issuer.sign())).toBe("unavailable");
    expect([issuer.fetched, clock.pendingTimers()]).toEqual([[], 0]);
  });
});
