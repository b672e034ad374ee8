import { expect, it } from "vitest";
import { checkWaits } from "./check-waits.ts";
import { createWaitKeeper } from "./wait-keeper.ts";

const plain = (name: string, firstByteMs: number) =>
  ({ kind: "plain", name, firstByteMs, silenceMs: undefined }) as const;

it("keeps the newest word on each kind of request, of workers and of the file", () => {
  const keeper = createWaitKeeper([{ pool: "api", learned: [plain("/a", 1_000), plain("/b", 2_000)] }]);
  expect(keeper.add([{ pool: "api", learned: [plain("/a", 1_200)] }])).toBe(true);
  expect(keeper.add([{ pool: "api", learned: [plain("/a", 1_200)] }])).toBe(false);
  expect(keeper.all()).toEqual([{ pool: "api", learned: [plain("/b", 2_000), plain("/a", 1_200)] }]);
});

it("is bounded: the kinds and pools that were told of longest ago go first", () => {
  const keeper = createWaitKeeper([]);
  for (let pool = 0; pool < 5_000; pool += 1) keeper.add([{ pool: `p${pool}`, learned: [plain("/", 1)] }]);
  expect(keeper.all()).toHaveLength(4_096);
  expect(keeper.all()[0]?.pool).toBe("p904");
  keeper.add([{ pool: "p904", learned: Array.from({ length: 2_000 }, (_, name) => plain(String(name), 1)) }]);
  expect(keeper.all().at(-1)?.learned).toHaveLength(1_024);
});

it("takes from a file only what is a bound", () => {
  const good = { kind: "stream", name: "chat", firstByteMs: 900, silenceMs: 3_000 };
  const bad = [null, 7, { kind: "other", name: "x", firstByteMs: 1 }, { kind: "plain", name: "x", firstByteMs: -1 }];
  expect(checkWaits([{ pool: "llm", learned: [good, ...bad] }, { pool: 3, learned: [] }, null])).toEqual([
    { pool: "llm", learned: [good] },
  ]);
  expect(checkWaits("none")).toEqual([]);
});
