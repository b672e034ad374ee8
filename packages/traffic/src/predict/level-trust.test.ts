import { describe, expect, it } from "vitest";
import { createLevelTrust, evenPoint, learnTrust, setEvidence, trustOf } from "./level-trust.ts";

describe("level trust", () => {
  it("begins where about twenty answers weigh as much as all above", () => {
    const trust = createLevelTrust(2);
    expect(evenPoint(trust, 0)).toBeGreaterThan(10);
    expect(evenPoint(trust, 0)).toBeLessThan(60);
    expect(trustOf(trust, 0, 0)).toBe(0);
    expect(trustOf(trust, 0, 1)).toBeLessThan(trustOf(trust, 0, 50));
  });

  it("believes little history where a level foretells well, and leaves other levels alone", () => {
    const trust = createLevelTrust(2);
    const before = evenPoint(trust, 1);
    for (let answer = 0; answer < 100; answer += 1) learnTrust(trust, 0, { seen: 5, own: 0.9, above: 0.1 });
    expect(evenPoint(trust, 0)).toBeLessThan(2);
    expect(evenPoint(trust, 1)).toBe(before);
  });

  it("fades a level out that foretells worse than those above", () => {
    const trust = createLevelTrust(1);
    for (let answer = 0; answer < 300; answer += 1)
      learnTrust(trust, 0, { seen: 30, own: answer % 3 === 0 ? 0.3 : 0, above: 0.2 });
    expect(evenPoint(trust, 0)).toBeGreaterThan(300);
  });

  it("changes its mind when the answers do", () => {
    const trust = createLevelTrust(1);
    for (let answer = 0; answer < 5000; answer += 1) learnTrust(trust, 0, { seen: 30, own: 0, above: 0.2 });
    for (let answer = 0; answer < 3000; answer += 1) learnTrust(trust, 0, { seen: 30, own: 0.9, above: 0.2 });
    expect(evenPoint(trust, 0)).toBeLessThan(5);
  });

  it("takes over evidence of its own shape only", () => {
    const trust = createLevelTrust(1);
    for (let answer = 0; answer < 50; answer += 1) learnTrust(trust, 0, { seen: 5, own: 0.9, above: 0.1 });
    const other = createLevelTrust(1);
    expect(setEvidence(other, [1, 2])).toBe(false);
    expect(setEvidence(other, [...trust.evidence])).toBe(true);
    expect(trustOf(other, 0, 7)).toBe(trustOf(trust, 0, 7));
  });
});
