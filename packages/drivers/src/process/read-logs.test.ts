import { join } from "node:path";
import { stateLayout, systemClock } from "@flyball/core";
import { createTemporaryFolder, seededRandom, type TemporaryFolder } from "@flyball/fakes";
import { createRotatingLog, formatLogLine } from "@flyball/wire";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readLogs } from "./read-logs.ts";

const HANDLE = "qa.c/api/0#1";
let folder: TemporaryFolder;

beforeEach(async () => {
  folder = await createTemporaryFolder();
});

afterEach(() => folder.dispose());

function source(): { readonly context: Parameters<typeof readLogs>[0]; readonly path: string } {
  const layout = stateLayout(folder.path, "qa", "c");
  return { context: { app: "qa", clone: "c", layout, clock: systemClock }, path: join(layout.logs, "api/0.log") };
}

async function tail(count: number): Promise<readonly string[]> {
  const texts: string[] = [];
  const options = { tail: count, isFollowing: false };
  for await (const line of readLogs(source().context, HANDLE, options, new AbortController().signal))
    texts.push(line.text);
  return texts;
}

function line(text: string, stream: "o" | "e" = "o"): string {
  return formatLogLine(Date.UTC(2025, 0, 1), stream, text);
}

test("nothing was written yet: an empty tail", async () => {
  expect(await tail(10)).toEqual([]);
});

test("the tail reaches back over rotated files, and a half-written line is left out", async () => {
  const path = source().path.slice(folder.path.length + 1);
  await folder.write(`${path}.2`, line("1") + line("2"));
  await folder.write(`${path}.1`, line("3") + line("4"));
  await folder.write(path, `${line("5") + line("6")}2025-01-01T00:00:0`);
  expect(await tail(1)).toEqual(["6"]);
  expect(await tail(3)).toEqual(["4", "5", "6"]);
  expect(await tail(100)).toEqual(["1", "2", "3", "4", "5", "6"]);
  expect(await tail(0)).toEqual([]);
});

test("lines over many blocks, with text of several bytes a character, come back whole", async () => {
  const texts = Array.from({ length: 400 }, (_, index) => `${index} ${"知识".repeat(index)}`);
  await folder.write(source().path.slice(folder.path.length + 1), texts.map((text) => line(text)).join(""));
  expect(await tail(1_000)).toEqual(texts);
  expect(await tail(250)).toEqual(texts.slice(-250));
});

test("stream, time and instance are told, foreign lines are left out", async () => {
  await folder.write(source().path.slice(folder.path.length + 1), `${line("a", "e")}not of this form\n`);
  const lines = [];
  for await (const one of readLogs(
    source().context,
    HANDLE,
    { tail: 5, isFollowing: false },
    new AbortController().signal,
  ))
    lines.push(one);
  expect(lines).toEqual([{ at: Date.UTC(2025, 0, 1), instance: "api/0", stream: "stderr", text: "a" }]);
});

test("another app's handle is unknown", async () => {
  const lines = readLogs(
    source().context,
    "other.c/api/0#1",
    { tail: 1, isFollowing: false },
    new AbortController().signal,
  );
  await expect(lines.next()).rejects.toMatchObject({ code: "FB_DRIVER_UNKNOWN_INSTANCE" });
});

test("following over many rotations loses no line and doubles none, from before the first line on", async () => {
  const { context, path } = source();
  const total = 3_000;
  const random = seededRandom(7);
  const ending = new AbortController();
  const seen: string[] = [];
  const following = (async () => {
    for await (const { text } of readLogs(context, HANDLE, { tail: 0, isFollowing: true }, ending.signal)) {
      seen.push(text.split(" ")[0]!);
      if (seen.length === total) ending.abort();
    }
  })();
  const log = createRotatingLog({ path, maxBytes: 4_096, files: 4, onLoss: () => {} });
  for (let number = 0; number < total;) {
    const batch = Math.min(total - number, 1 + Math.floor(random() * 40));
    for (let count = 0; count < batch; count++, number++)
      log.append(line(`${number} ${"x".repeat(Math.floor(random() * 60))}`));
    await log.flushed();
    await untilReaderKeepsUp(seen, number - 60);
  }
  await following;
  expect(seen).toEqual(Array.from({ length: total }, (_, number) => String(number)));
  await log.close();
});

test("a reader that joins in the middle gets every line once: the tail, then the rest", async () => {
  const { context, path } = source();
  const log = createRotatingLog({ path, maxBytes: 2_048, files: 4, onLoss: () => {} });
  for (let number = 0; number < 60; number++) log.append(line(String(number)));
  await log.flushed();
  const ending = new AbortController();
  const seen: string[] = [];
  for await (const { text } of readLogs(context, HANDLE, { tail: 30, isFollowing: true }, ending.signal)) {
    seen.push(text);
    if (seen.length === 5) for (let number = 60; number < 90; number++) log.append(line(String(number)));
    if (seen.length === 60) ending.abort();
  }
  expect(seen).toEqual(Array.from({ length: 60 }, (_, index) => String(30 + index)));
  await log.close();
});

/** The writer may be ahead by what the old files hold, as the keeper's bounds are: more would be the documented loss. */
async function untilReaderKeepsUp(seen: readonly string[], count: number): Promise<void> {
  while (seen.length < count) await new Promise((resolve) => setImmediate(resolve));
}
