import { describe, expect, it } from "vitest";
import { createTokenScales } from "./token-scales.ts";

describe("tokens per byte", () => {
  it("begin at a usual ratio and follow what backends count", () => {
    const scales = createTokenScales();
    expect(scales.inputTokens("chat", 4_000)).toBe(1_000);
    for (let answer = 0; answer < 500; answer += 1) {
      scales.learnInput("chat", 4_000, 2_000);
      scales.learnOutput("chat", 1_000, 400);
    }
    expect(scales.inputTokens("chat", 4_000)).toBeCloseTo(2_000, -1);
    expect(scales.outputTokens("chat", 100)).toBeCloseTo(40, 1);
    expect(scales.inputTokens("other", 4_000)).toBe(1_000);
  });

  it("are means and no bounds: one long word does not move them far", () => {
    const scales = createTokenScales();
    for (let answer = 0; answer < 200; answer += 1) scales.learnOutput("chat", 1_000, 250);
    scales.learnOutput("chat", 1_000, 900);
    expect(scales.outputTokens("chat", 1_000)).toBeLessThan(260);
  });

  it("pass over what is no text: more tokens than bytes, hardly any bytes", () => {
    const scales = createTokenScales();
    scales.learnOutput("chat", 100, 5_000);
    scales.learnOutput("chat", 3, 3);
    expect(scales.outputTokens("chat", 1_000)).toBe(250);
  });

  it("survive a restart, and pass over what is damaged", () => {
    const scales = createTokenScales();
    for (let answer = 0; answer < 100; answer += 1) scales.learnOutput("chat", 1_000, 500);
    const saved: unknown = JSON.parse(JSON.stringify(scales.save()));
    expect(createTokenScales(saved).outputTokens("chat", 1_000)).toBe(scales.outputTokens("chat", 1_000));
    for (const damaged of [7, null, { chat: null }, { chat: { inputBytes: "x" } }, { chat: { inputBytes: -1 } }]) {
      expect(createTokenScales(damaged).outputTokens("chat", 1_000)).toBe(250);
    }
  });

  it("are kept of so many models", () => {
    const scales = createTokenScales();
    for (let model = 0; model < 300; model += 1) scales.learnOutput(`model ${model}`, 1_000, 500);
    expect(Object.keys(scales.save())).toHaveLength(256);
  });
});
