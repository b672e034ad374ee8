import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { createTemporaryFolder } from "./temporary-folder.ts";

test("files are written below the folder, and all is gone after its block", async () => {
  let path: string;
  {
    await using folder = await createTemporaryFolder();
    path = folder.path;
    const file = await folder.write("deep/er/a.txt", "text");
    expect(file).toBe(`${path}/deep/er/a.txt`);
    expect(await readFile(file, "utf8")).toBe("text");
  }
  expect(existsSync(path)).toBe(false);
});
