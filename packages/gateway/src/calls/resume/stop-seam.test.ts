import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createStopSeam } from "./stop-seam.ts";

function run(
  before: string,
  pieces: readonly string[],
  stops: readonly string[],
): { text: string; isStopped: boolean } {
  const seam = createStopSeam(before, stops);
  let text = "";
  for (const piece of pieces) {
    const step = seam.push(piece);
    text += step.text;
    if (step.isStopped) return { text, isStopped: true };
  }
  return { text: text + seam.rest(), isStopped: false };
}

describe("stop strings over a seam", () => {
  it("are found when they begin before it", () => {
    expect(run("tell me: EN", ["D", " more"], ["END"])).toEqual({ text: "", isStopped: true });
    expect(run("tell me: E", ["N", "D"], ["END"])).toEqual({ text: "", isStopped: true });
  });

  it("hold nothing back for long when it is none", () => {
    expect(run("tell me: EN", ["C", "ORE"], ["END"])).toEqual({ text: "CORE", isStopped: false });
    expect(run("tell me: E", ["N"], ["END"])).toEqual({ text: "N", isStopped: false });
  });

  it("are left to the backend when they begin behind it", () => {
    expect(run("tell me", ["END", "x"], ["END"])).toEqual({ text: "ENDx", isStopped: false });
  });

  it("are found exactly where the whole text has one that begins before the seam", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 8 });
    const stop = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(letters, fc.array(letters, { maxLength: 5 }), stop, (before, pieces, word) => {
        // The first backend would have stopped at one that was whole before the cut.
        fc.pre(!before.includes(word));
        const rest = pieces.join("");
        const at = (before + rest).indexOf(word);
        const isOver = at >= 0 && at < before.length;
        expect(run(before, pieces, [word])).toEqual({ text: isOver ? "" : rest, isStopped: isOver });
      }),
    );
  });
});
