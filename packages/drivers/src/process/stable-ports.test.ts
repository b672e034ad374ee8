import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { createTemporaryFolder } from "@flyball/fakes";
import { expect, test } from "vitest";
import { createStablePorts } from "./stable-ports.ts";

test("an allotment survives, and the file is private", async () => {
  await using folder = await createTemporaryFolder();
  const path = join(folder.path, "state/ports.json");
  const ports = createStablePorts(path);
  expect(await ports.get("db/0/sql")).toBeUndefined();
  await Promise.all([ports.set("db/0/sql", 20_001), ports.set("db/1/sql", 20_002)]);
  const again = createStablePorts(path);
  expect(await again.get("db/0/sql")).toBe(20_001);
  expect(await again.ports()).toEqual(new Set([20_001, 20_002]));
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test.each(["", "{", "[]", "null", '{"ports":{"a":"x","b":-1,"c":70000,"d":null}}'])(
  "a file of %j counts as empty",
  async (content) => {
    await using folder = await createTemporaryFolder();
    const ports = createStablePorts(await folder.write("ports.json", content));
    expect(await ports.ports()).toEqual(new Set());
    await ports.set("a", 20_000);
    expect(JSON.parse(await readFile(join(folder.path, "ports.json"), "utf8"))).toEqual({
      version: 1,
      ports: { a: 20_000 },
    });
  },
);

test("beyond 1,000 allotments the oldest is dropped", async () => {
  await using folder = await createTemporaryFolder();
  const ports = createStablePorts(join(folder.path, "ports.json"));
  await Promise.all(Array.from({ length: 1_001 }, (_, index) => ports.set(`s/${index}`, 10_000 + index)));
  expect(await ports.get("s/0")).toBeUndefined();
  expect(await ports.get("s/1")).toBe(10_001);
  expect((await ports.ports()).size).toBe(1_000);
});
