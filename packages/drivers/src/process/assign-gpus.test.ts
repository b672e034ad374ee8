import type { KeptProcess } from "@flyball/wire";
import { expect, it } from "vitest";
import { assignGpus } from "./assign-gpus.ts";
import type { ProcessContext } from "./process-context.ts";

function contextWith(
  ...running: readonly (readonly string[])[]
): Pick<ProcessContext, "kept" | "machine" | "gpusInHand"> {
  const processes = running.map((gpus, ordinal) => ({
    state: "running",
    note: { kind: "instance", service: "llm", ordinal, specHash: "h", revision: 1, addresses: {}, gpus },
  }));
  return {
    kept: { all: () => processes as unknown as readonly KeptProcess[] } as ProcessContext["kept"],
    machine: { cpus: 1, memoryBytes: 1, gpuIds: ["0", "1", "2", "3"] },
    gpusInHand: new Set(),
  };
}

const wanting = (gpus: number) => ({ service: "llm", resources: { limits: {}, reservations: { gpus } } });

it("gives whole GPUs that no running instance and no other start has", () => {
  const context = contextWith(["1"]);
  const first = assignGpus(context, wanting(2));
  const second = assignGpus(context, wanting(1));
  expect([first.ids, second.ids]).toEqual([["0", "2"], ["3"]]);
  expect(() => assignGpus(context, wanting(1))).toThrow("reserves 1 of 4 GPUs, and 0 are free");
  first.release();
  expect(assignGpus(context, wanting(1)).ids).toEqual(["0"]);
});

it("gives none to who reserves none, on a machine without any too", () => {
  expect(assignGpus(contextWith(["0", "1", "2", "3"]), wanting(0)).ids).toEqual([]);
});
