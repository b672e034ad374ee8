import { mkdir, mkdtemp, open, readdir, readFile, rm, stat, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { formatLogLine, parseLogLine } from "./log-line.ts";
import { createRotatingLog, type RotatingLog } from "./rotating-log.ts";

let folder: string;
let losses: [number, string][];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fb-log-"));
  losses = [];
});
afterEach(() => rm(folder, { recursive: true }));

function createLog(maxBytes: number, files: number): RotatingLog {
  return createRotatingLog({
    path: join(folder, "x.log"),
    maxBytes,
    files,
    onLoss: (...loss) => void losses.push(loss),
  });
}

it("a log line reads as it was written", () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date(0), max: new Date("9999-01-01"), noInvalidDate: true }),
      fc.constantFrom("o", "e"),
      fc.string(),
      (date, mark, text) => {
        const line = formatLogLine(date.getTime(), mark as "o" | "e", text).slice(0, -1);
        expect(parseLogLine(line)).toEqual({ at: date.getTime(), stream: mark === "o" ? "stdout" : "stderr", text });
      },
    ),
  );
  expect(parseLogLine("")).toBeUndefined();
  expect(parseLogLine("2026-01-01T00:00:00.000Z x text")).toBeUndefined();
});

describe("a rotating log", () => {
  it("keeps every line, in order, within its bounds, whatever the sizes", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ maxLength: 40 }), { maxLength: 60 }),
        fc.integer({ min: 50, max: 200 }),
        async (texts, maxBytes) => {
          await rm(join(folder), { recursive: true });
          await mkdir(folder);
          const log = createLog(maxBytes, 1_000);
          const lines = texts.map((text, index) => `${index} ${Buffer.from(text).toString("hex").slice(0, 40)}\n`);
          for (const line of lines) log.append(line);
          await log.close();
          const names = (await readdir(folder)).toSorted((a, b) => Number(b.slice(6)) - Number(a.slice(6)));
          const contents = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
          expect(contents.join("")).toBe(lines.join(""));
          for (const content of contents) expect(content.length).toBeLessThanOrEqual(maxBytes);
        },
      ),
      { numRuns: 30 },
    );
    expect(losses).toEqual([]);
  });

  it("keeps no old file when none is wanted, and goes on where an earlier one ended", async () => {
    const first = createLog(20, 0);
    first.append("0123456789\n");
    await first.close();
    const second = createLog(20, 0);
    second.append("a\n");
    await second.flushed();
    expect(await readFile(join(folder, "x.log"), "utf8")).toBe("0123456789\na\n");
    second.append("b".repeat(15) + "\n");
    await second.close();
    expect(await readdir(folder)).toEqual(["x.log"]);
    expect(await readFile(join(folder, "x.log"), "utf8")).toBe("b".repeat(15) + "\n");
  });

  it("asks its writer to wait at 1 MiB, drops and counts beyond 4 MiB, and says both", async () => {
    const log = createLog(1e9, 1);
    const line = `${"x".repeat(99_999)}\n`;
    const answers = Array.from({ length: 60 }, () => log.append(line));
    expect(answers.indexOf(false)).toBe(10);
    await log.close();
    const written = (await readFile(join(folder, "x.log"), "utf8")).split("\n").filter(Boolean).length;
    expect(losses[0]).toEqual([1, "the file is written too slowly"]);
    expect(losses.at(-1)).toEqual([60 - written, "writing works again"]);
    expect(written).toBeGreaterThanOrEqual(41);
  });

  it("begins a new line once a file that could not be written can be again", async () => {
    await mkdir(join(folder, "x.log"));
    const log = createLog(1_000, 1);
    log.append("lost\n");
    await log.flushed();
    expect(losses).toEqual([[1, "EISDIR"]]);
    await rm(join(folder, "x.log"), { recursive: true });
    log.append("kept\n");
    await log.close();
    expect(await readFile(join(folder, "x.log"), "utf8")).toBe("\nkept\n");
    expect(losses.at(-1)).toEqual([1, "writing works again"]);
  });

  it("can be followed over a rotation: the open file to its end, then the name again", async () => {
    const path = join(folder, "x.log");
    const log = createLog(300, 1);
    const seen: string[] = [];
    let reader: FileHandle | undefined;
    const read = async (): Promise<void> => {
      reader ??= await open(path);
      const isRotated = (await reader.stat()).ino !== (await stat(path)).ino;
      seen.push(await reader.readFile("utf8"));
      if (!isRotated) return;
      await reader.close();
      reader = undefined;
      await read();
    };
    const lines = Array.from({ length: 200 }, (_, index) => `line ${index}\n`);
    for (const [index, line] of lines.entries()) {
      log.append(line);
      if (index % 7 !== 0) continue;
      await log.flushed();
      await read();
    }
    await log.close();
    await read();
    await reader?.close();
    expect(seen.join("")).toBe(lines.join(""));
  });
});
