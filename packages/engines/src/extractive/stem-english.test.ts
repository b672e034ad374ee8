// Forms of one word must meet; different words must not.

import { describe, expect, it } from "vitest";
import { stemEnglish } from "./stem-english.ts";

describe("stemEnglish", () => {
  it.each([
    "deploy deploys deployed deploying deployment",
    "scale scales scaling scalable scalability",
    "orchestrate orchestration orchestrator",
    "cache caches caching cached",
    "query queries",
    "run runs running",
    "schedule scheduler scheduling",
    "hallucinate hallucinations",
    "embed embeddings embedding",
    "replica replicas replication",
    "fast faster fastest",
    "fail fails failed failure failures",
  ])("brings together: %s", (line) => {
    const stems = new Set(line.split(" ").map(stemEnglish));
    expect([...stems]).toHaveLength(1);
  });

  it.each([
    ["contain", "container"],
    ["model", "mode"],
    ["train", "trait"],
    ["serve", "server"],
    ["virus", "viral"],
    ["news", "new"],
    ["state", "station"],
  ])("keeps apart: %s and %s", (one, other) => {
    expect(stemEnglish(one)).not.toBe(stemEnglish(other));
  });

  it("leaves short words and words with digits alone", () => {
    expect(["is", "bus", "k8s", "h100"].map(stemEnglish)).toEqual(["is", "bus", "k8s", "h100"]);
  });
});
