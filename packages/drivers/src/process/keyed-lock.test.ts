import { expect, test } from "vitest";
import { createKeyedLock } from "./keyed-lock.ts";

test("work of one key runs one after the other, also after a failure; keys do not wait for each other", async () => {
  const lock = createKeyedLock();
  const seen: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = lock.run("a", async () => {
    seen.push("first begins");
    await gate.promise;
    throw new Error("broken");
  });
  const second = lock.run("a", async () => seen.push("second"));
  await lock.run("b", async () => seen.push("other"));
  expect(seen).toEqual(["first begins", "other"]);
  gate.resolve();
  await expect(first).rejects.toThrow("broken");
  await second;
  expect(seen).toEqual(["first begins", "other", "second"]);
});
