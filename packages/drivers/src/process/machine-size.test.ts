import { createTemporaryFolder } from "@flyball/fakes";
import { describe, expect, it } from "vitest";
import { parseMachine, readMachine } from "./machine-size.ts";

const SMI = "GPU 0: NVIDIA H100 80GB HBM3 (UUID: GPU-1)\nGPU 1: NVIDIA H100 80GB HBM3 (UUID: GPU-2)\n";

describe("the size of the machine", () => {
  it("is what FLYBALL_MACHINE says, part by part", () => {
    expect(parseMachine("cpus=4,memory=16GiB,gpus=2")).toEqual({
      cpus: 4,
      memoryBytes: 16 * 1024 ** 3,
      gpuIds: ["0", "1"],
    });
    expect(parseMachine("gpus=0")).toEqual({ gpuIds: [] });
    expect(parseMachine("cpus=-1, memory=much, gpus=1.5, disk=3")).toEqual({});
    expect(parseMachine("")).toEqual({});
  });

  it("counts the GPUs that nvidia-smi lists", async () => {
    const machine = await readMachine({ environment: {}, listGpus: async () => SMI });
    expect(machine.gpuIds).toEqual(["0", "1"]);
    expect(machine.cpus).toBeGreaterThan(0);
    expect(machine.memoryBytes).toBeGreaterThan(0);
  });

  it("counts them in /proc where nvidia-smi is missing, and finds none without either", async () => {
    const folder = await createTemporaryFolder();
    await folder.write("driver/nvidia/gpus/0000:01:00.0/information", "");
    const listGpus = async (): Promise<undefined> => undefined;
    const found = await readMachine({ environment: {}, procRoot: folder.path, listGpus });
    const none = await readMachine({ environment: {}, procRoot: `${folder.path}/none`, listGpus });
    await folder.dispose();
    expect([found.gpuIds, none.gpuIds]).toEqual([["0"], []]);
  });

  it("has only the GPUs that CUDA_VISIBLE_DEVICES leaves", async () => {
    const of = async (visible: string) =>
      (await readMachine({ environment: { CUDA_VISIBLE_DEVICES: visible }, listGpus: async () => SMI })).gpuIds;
    expect(await of("1, 3")).toEqual(["1", "3"]);
    expect(await of("")).toEqual([]);
    expect(await of("-1")).toEqual([]);
  });
});
