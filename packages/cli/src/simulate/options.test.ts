// What stands behind the options of the simulation commands.
import { ENGINE_PROFILES } from "@flyball/engine-model";
import { policyCatalogue } from "@flyball/sim";
import { describe, expect, it } from "vitest";
import { choosePolicies } from "./choose-policies.ts";
import { readObjective } from "./read-objective.ts";
import { readPools } from "./read-pools.ts";
import { readRates } from "./read-rates.ts";

describe("readObjective", () => {
  it("takes bounds, names, and what is usual for the rest", () => {
    expect(readObjective("ttft=1500ms, itl=50ms")).toEqual({ ttftMs: 1_500, tpotMs: 50 });
    expect(readObjective("itl=50ms")).toEqual({ ttftMs: 2_000, tpotMs: 50 });
    expect(readObjective("chat")).toEqual({ ttftMs: 500, tpotMs: 50 });
    expect(readObjective(undefined)).toEqual({ ttftMs: 2_000, tpotMs: 100 });
  });

  it("refuses what it does not know", () => {
    expect(() => readObjective("tpot=5ms")).toThrow("seen tpot=5ms");
    expect(() => readObjective("ttft=fast")).toThrow("--objective ttft");
    expect(() => readObjective("toString")).toThrow("seen toString");
  });
});

describe("readRates", () => {
  it("takes factors and rates, once each", () => {
    expect(readRates(["2x,8/s", "0.5", "2x"], 4)).toEqual([{ factor: 2 }, { factor: 2 }, { factor: 0.5 }]);
    expect(readRates([], 4)).toEqual([{ factor: 1 }]);
  });

  it.each(["fast", "0x", "-1/s", "1e9x"])("refuses %s", (word) => {
    expect(() => readRates([word], 4)).toThrow(`seen ${word}`);
  });

  it("knows no rate of a trace without a span", () => {
    expect(() => readRates(["8/s"], undefined)).toThrow("no rate");
    expect(readRates(["2x"], undefined)).toEqual([{ factor: 2 }]);
  });
});

describe("readPools", () => {
  const names = (profiles: readonly string[], replicas: readonly string[]) =>
    readPools(profiles, replicas).map(({ name }) => name);

  it("combines engines and counts, and leaves mixed pools as they are", () => {
    expect(names([], [])).toEqual(["1 × 8b-a100"]);
    expect(names(["8b-a100,14b-h100"], ["2", "4"])).toEqual([
      "2 × 8b-a100",
      "4 × 8b-a100",
      "2 × 14b-h100",
      "4 × 14b-h100",
    ]);
    expect(names(["2*8b-a100+8b-l40s", "8b-a100"], ["3"])).toEqual(["2 × 8b-a100 + 1 × 8b-l40s", "3 × 8b-a100"]);
    expect(readPools(["2*8b-a100+8b-l40s"], [])[0]?.profiles).toEqual([
      ENGINE_PROFILES["8b-a100"],
      ENGINE_PROFILES["8b-a100"],
      ENGINE_PROFILES["8b-l40s"],
    ]);
  });

  it("refuses engines that it does not know and counts that are said twice", () => {
    expect(() => readPools(["9b-x"], [])).toThrow("seen 9b-x");
    expect(() => readPools(["2*"], [])).toThrow("--profile");
    expect(() => readPools(["2*8b-a100"], ["3"])).toThrow("leave --replicas out");
    expect(() => readPools([], ["0"])).toThrow("--replicas");
  });
});

describe("choosePolicies", () => {
  const catalogue = policyCatalogue(ENGINE_PROFILES["8b-a100"]);
  const names = (...words: readonly string[]) => choosePolicies(words, catalogue).map(({ name }) => name);

  it("finds a policy by its name, its name without brackets, and dashes for the rest", () => {
    expect(names("flyball,least-request")).toEqual(["flyball", "least-request"]);
    expect(names("Token-Aware")).toEqual(["token-aware (llm-d)"]);
    expect(names("token-aware-llm-d-queue")).toEqual(["token-aware (llm-d) + queue"]);
    expect(names("flyball, by arrival")).toEqual(["flyball, by arrival"]);
    expect(names()).toEqual(["flyball", "least-request", "round-robin"]);
  });

  it("can find every policy, each by another name", () => {
    const found = catalogue.map(({ name }) => names(name)[0]);
    expect(found).toEqual(catalogue.map(({ name }) => name));
  });

  it("names all when one is not known", () => {
    expect(() => names("srtf-please")).toThrow(/there is no srtf-please; expected one of .*\bflyball\b/);
  });
});
