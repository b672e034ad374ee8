import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isFlyballError } from "@flyball/core";
import { describe, expect, it } from "vitest";
import { loadCatalogue, parseFault } from "./load-catalogue.ts";
import type { CatalogueProblem } from "./read-yaml.ts";

const OURS = join(import.meta.dirname, "../../../../drills");
const CRASH = `id: crash
title:
  en: An instance is killed
  zh: 一个实例被杀死
victim: instance
injection: { kind: signal, signal: SIGKILL }
needs: [two-replicas]
lease: 30s
expect:
  incidents: [process-exit]
  traffic: 100ms
  never: []
`;

function problemsOf(text: string, file = "crash.yaml"): readonly string[] {
  const problems: CatalogueProblem[] = [];
  expect(parseFault(file, text, problems)).toBeUndefined();
  return problems.map(({ line, field, message }) => `${line} ${field}: ${message}`);
}

describe("the catalogue", () => {
  it("that ships is read whole, with bars for the faults of the promise", async () => {
    const faults = await loadCatalogue(OURS);
    const byId = new Map(faults.map((fault) => [fault.id, fault]));
    expect(byId.size).toBe(faults.length);
    expect(byId.get("crash")?.expect).toMatchObject({ trafficMs: 100, capacityMs: 1_000, failed: 0 });
    expect(byId.get("frozen")?.expect).toMatchObject({ trafficMs: 3_000, capacityMs: 5_000 });
    expect(byId.get("engine-no-progress")?.expect).toMatchObject({ trafficMs: 10_000, capacityMs: 15_000 });
    expect(byId.get("stuck-stream")?.expect).toMatchObject({ streamMs: 15_000 });
    expect(byId.get("slow")?.injection).toEqual({
      kind: "proxy",
      rule: { rule: "health-lies", inner: { rule: "slow", factor: 10, leastMs: 200 } },
    });
    expect(byId.get("slow")?.expect).toMatchObject({ trafficMs: 10_000, awayShare: 0.9 });
    expect(byId.get("partition")?.expect).toMatchObject({ trafficMs: 3_000, capacityMs: 15_000 });
    expect(byId.get("bad-release")?.expect).toMatchObject({ trafficMs: 30_000 });
    expect(byId.get("dependency-down")?.expect).toMatchObject({ actMs: 1_000, afterUndoMs: 5_000 });
    expect(byId.get("overload")?.expect).toMatchObject({ trafficMs: 1_000, goodput: 0.9 });
    expect(byId.get("rate-limited")?.expect).toMatchObject({ trafficMs: 100, amplification: 1.2 });
    expect(byId.get("gateway-killed")?.expect).toMatchObject({ trafficMs: 1_000, refused: 0 });
    expect(byId.get("control-killed")?.expect).toMatchObject({ trafficMs: 0, capacityMs: 2_000 });
    expect(byId.get("crash-while-slow")?.injection).toMatchObject({
      parts: [{ afterMs: 0 }, { afterMs: 5_000, injection: { kind: "signal" } }],
    });
  });

  it("that is wrong in several files names each place", async () => {
    const folder = await mkdtemp(join(tmpdir(), "flyball-drills-"));
    try {
      await writeFile(join(folder, "crash.yaml"), CRASH);
      await writeFile(join(folder, "other.yaml"), CRASH.replace("lease: 30s", "lease: 30"));
      await writeFile(join(folder, "third.yaml"), "id: [");
      const error: unknown = await loadCatalogue(folder).catch((caught: unknown) => caught);
      if (!isFlyballError(error, "FB_DRILL_CATALOGUE")) throw error;
      expect(error.message).toContain("other.yaml:8:8 lease: expected a duration like 100ms, 15s or 10m, saw 30");
      expect(error.message).toMatch(/third\.yaml:1:\d+ /);
      await rm(join(folder, "other.yaml"));
      await rm(join(folder, "third.yaml"));
      expect((await loadCatalogue(folder)).map(({ id }) => id)).toEqual(["crash"]);
      await mkdir(join(folder, "empty"));
      await expect(loadCatalogue(join(folder, "empty"))).rejects.toThrow(/there is no fault/);
      await expect(loadCatalogue(join(folder, "none"))).rejects.toThrow(/ENOENT/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("a fault", () => {
  it("with a misspelt word is refused with the nearest", () => {
    expect(problemsOf(CRASH.replace("traffic: 100ms", "trafic: 100ms"))).toEqual([
      '11 expect.trafic: unknown key "trafic". Did you mean "traffic"?',
    ]);
    expect(problemsOf(CRASH.replace("victim: instance", "victim: instanse"))).toEqual([
      '5 victim: saw "instanse". Did you mean "instance"?',
    ]);
    expect(problemsOf(CRASH.replace("[process-exit]", "[process-exits]"))).toEqual([
      '10 expect.incidents[0]: saw "process-exits". Did you mean "process-exit"?',
    ]);
  });

  it("without a field is refused by its name", () => {
    expect(problemsOf(CRASH.replace("lease: 30s\n", ""))).toEqual(["1 : lease is missing"]);
    expect(problemsOf("")).toEqual([expect.stringContaining("saw nothing")]);
  });

  it("under another file's name is refused", () => {
    expect(problemsOf(CRASH, "kill.yaml")).toEqual(["1 id: the file is called kill.yaml. Give both the same name"]);
  });

  it("whose fields do not fit together is refused", () => {
    const withInjection = (injection: string): readonly string[] =>
      problemsOf(CRASH.replace("{ kind: signal, signal: SIGKILL }", injection));
    expect(withInjection("{ kind: proxy, rule: { rule: refuse } }")).toEqual([
      "7 needs: rules and counts of the fault proxy need proxy. Add it",
    ]);
    expect(withInjection("{ kind: network, direction: both, method: drop }")).toEqual([
      "7 needs: packets are dropped by root only. Add root",
    ]);
    expect(withInjection("{ kind: inside, thread: main, what: block }")).toHaveLength(2);
    expect(withInjection("{ kind: compound, parts: [] }")).toEqual(["6 injection: expected two parts or more"]);
    expect(withInjection("{ kind: proxy, rule: { rule: slow, factor: fast } }")).toHaveLength(2);
  });
});
