import { addTime, boundMs } from "@flyball/traffic";
import { expect, it } from "vitest";
import { createUsualWaitsBook, waitBoundMs } from "./usual-waits.ts";

it("is learned for each kind of request apart", () => {
  const book = createUsualWaitsBook();
  for (let sample = 0; sample < 100; sample += 1) addTime(book.of("plain", "reports").firstByte, 20_000);
  expect(boundMs(book.of("plain", "reports").firstByte)).toBeGreaterThan(30_000);
  expect(boundMs(book.of("plain", "pages").firstByte)).toBe(10_000);
  expect(book.of("plain", "pages").silence).toBeUndefined();
  expect(book.of("whole", "chat").silence).toBeUndefined();
  expect(boundMs(book.of("stream", "chat").firstByte)).toBe(30_000);
  expect(book.of("stream", "chat").silence).toBeDefined();
});

it("is shared by all kinds beyond a bound", () => {
  const book = createUsualWaitsBook();
  for (let kind = 0; kind < 256; kind += 1) book.of("plain", `route-${kind}`);
  expect(book.of("plain", "one more")).toBe(book.of("plain", "and another"));
  expect(book.of("plain", "route-7")).not.toBe(book.of("plain", "one more"));
});

it("is what another worker has learned, until it is learned here", () => {
  const [teacher, other] = [createUsualWaitsBook(), createUsualWaitsBook()];
  expect(teacher.learned()).toEqual([]);
  for (let sample = 0; sample < 60; sample += 1) addTime(teacher.of("stream", "chat").firstByte, 3_000);
  teacher.of("plain", "unknown");
  const learned = teacher.learned();
  expect(learned).toMatchObject([{ kind: "stream", name: "chat", silenceMs: undefined }]);
  other.hear(learned);
  const chat = other.of("stream", "chat");
  expect(waitBoundMs(chat, "first-byte")).toBe(learned[0]?.firstByteMs);
  expect(waitBoundMs(chat, "silence")).toBe(15_000);
  for (let sample = 0; sample < 60; sample += 1) addTime(chat.firstByte, 10);
  expect(waitBoundMs(chat, "first-byte")).toBe(2_000);
});
