import { describe, expect, it } from "vitest";
import { createTurnBatch } from "./turn-batch.ts";

describe("the batch of a turn", () => {
  it("writes at the end of the turn, in order, and once", () => {
    const ends: (() => void)[] = [];
    const written: string[] = [];
    const batch = createTurnBatch((run) => ends.push(run));
    for (const name of ["a", "b"]) batch.add({ writeHeld: () => void written.push(name) });
    expect(written).toEqual([]);
    expect(ends).toHaveLength(1);
    ends[0]?.();
    ends[0]?.();
    expect(written).toEqual(["a", "b"]);
  });

  it("leaves what joins while it writes to the next turn", () => {
    const ends: (() => void)[] = [];
    const written: string[] = [];
    const batch = createTurnBatch((run) => ends.push(run));
    const second = { writeHeld: () => void written.push("second") };
    batch.add({
      writeHeld() {
        written.push("first");
        batch.add(second);
      },
    });
    ends.shift()?.();
    expect(written).toEqual(["first"]);
    ends.shift()?.();
    expect(written).toEqual(["first", "second"]);
    expect(ends).toEqual([]);
  });

  it("ends with the reads of the event loop's turn", async () => {
    const batch = createTurnBatch();
    await new Promise<void>((resolve) => batch.add({ writeHeld: resolve }));
  });
});
