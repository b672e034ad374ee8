import type { ModelSnapshot } from "@flyball/core";
import { describe, expect, it } from "vitest";
import { model } from "../testdata/snapshots.ts";
import { keepModelCache } from "./model-cache.ts";
import { ENTRY_BYTES } from "./response-store.ts";

const CACHE = { timeToLiveMs: 1_000, maximumBytes: 100_000 };
const chat = (more: Partial<ModelSnapshot> = {}): ModelSnapshot => model("chat", ["a", "b"], { cache: CACHE, ...more });

describe("keepModelCache", () => {
  it("is none for a model that keeps no answers", () => {
    expect(keepModelCache(undefined, model("chat", ["a"]), 1)).toBeUndefined();
    expect(keepModelCache(keepModelCache(undefined, chat(), 1), model("chat", ["a"]), 1)).toBeUndefined();
  });

  it("has its share of the bytes of all workers", () => {
    const store = keepModelCache(undefined, chat(), 4)?.store;
    const answer = (length: number) => ({ contentType: "", bytes: Buffer.alloc(length), isEvents: false });
    expect(store?.keep("k", answer(25_000 - ENTRY_BYTES), 0)).toBe(true);
    expect(store?.keep("k", answer(25_001 - ENTRY_BYTES), 0)).toBe(false);
  });

  it("lives on while weights and time limits change, and begins anew when somebody else may answer", () => {
    const cache = keepModelCache(undefined, chat(), 1);
    const [first, second] = chat().backends;
    if (!first || !second) throw new Error("no backends");
    const weighted = chat({ backends: [{ ...first, weight: 3, use: ["saturated"] }, second] });
    expect(keepModelCache(cache, weighted, 1)).toBe(cache);
    expect(keepModelCache(cache, chat({ firstTokenMs: 7 }), 1)).toBe(cache);
    for (const changed of [
      chat({ backends: [first] }),
      chat({ backends: [{ ...first, model: "newer" }, second] }),
      chat({ fallbacks: ["other"] }),
      chat({ cache: { ...CACHE, timeToLiveMs: 5 } }),
    ]) {
      expect(keepModelCache(cache, changed, 1)).not.toBe(cache);
    }
  });
});
