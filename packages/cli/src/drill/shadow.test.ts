import type { ControlClient } from "@flyball/client";
import type { RefereeWord, RunPhase } from "@flyball/drill";
import { describe, expect, it } from "vitest";
import { createShadow, type Shadow } from "./shadow.ts";

function shadowOf(isPausedBefore: boolean): { readonly shadow: Shadow; readonly calls: string[] } {
  const calls: string[] = [];
  const control = {
    pause: () => Promise.resolve(calls.push("pause")),
    resume: () => Promise.reject(new Error(String(calls.push("resume")))),
  } as unknown as ControlClient;
  return { shadow: createShadow(control, isPausedBefore), calls };
}

const phase = (name: RunPhase): RefereeWord => ({ word: "phase", index: 0, phase: name, detail: "" });

describe("a drill that only watches", () => {
  it("pauses the app for each run, and lets it heal once the fault is taken back", async () => {
    const { shadow, calls } = shadowOf(false);
    for (const name of ["steady", "load", "injected", "undone", "reading", "steady", "load"] as const)
      shadow.onWord(phase(name));
    await shadow.end();
    await shadow.end();
    expect(calls).toEqual(["pause", "resume", "pause", "resume"]);
  });

  it("leaves an app alone that a person has paused", async () => {
    const { shadow, calls } = shadowOf(true);
    shadow.onWord(phase("load"));
    await shadow.end();
    expect(calls).toEqual([]);
  });
});
