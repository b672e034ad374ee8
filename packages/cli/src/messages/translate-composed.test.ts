import { expect, test } from "vitest";
import { loadTranslate } from "./language.ts";
import { fieldText } from "./field-text.ts";

const chinese = await loadTranslate("zh");
const english = await loadTranslate("en");

const exit = { key: "exit.summary", values: { instance: "api/0", how: { key: "exit.code", values: { code: 3 } } } };
const needs = { key: "gate.needs", values: { service: "db", reason: exit } };

test("a reason that control composed is said in the reader's language, down to what stands in it", () => {
  const service = { reason: "needs db: api/0 exited with code 3", composed: { reason: needs } };
  expect(fieldText(service, "reason", chinese)).toBe("需要 db：api/0 以退出码 3 退出");
  expect(fieldText(service, "reason", english)).toBe(service.reason);
});

test("an error inside a reason comes with its Chinese line", () => {
  const values = { service: "api", from: 1, to: 2 };
  const sentence = { key: "message.FB_DRIVER_NO_PORT", values };
  const failed = { key: "start.failed", values: { service: "api", message: sentence } };
  expect(chinese.composed(failed)).toBe("无法启动 api：api 在 1 到 2 之间没有空闲端口");
  expect(chinese.composed({ key: "hint.FB_DRIVER_NO_PORT", values })).toMatch(/^请停止占用端口的程序/);
});

test.each([
  ["without a composed form", {}],
  ["with a text of a newer control", { composed: { reason: { key: "exit.eaten", values: {} } } }],
  [
    "with such a text inside",
    { composed: { reason: { ...needs, values: { service: "db", reason: { key: "x", values: {} } } } } },
  ],
  ["with the name of an object's own", { composed: { reason: { key: "toString", values: {} } } }],
])("a row %s is shown in English", (_name, more) => {
  expect(fieldText({ reason: "it exited", ...more }, "reason", chinese)).toBe("it exited");
});

test("a field that is not there stays so", () => {
  expect(fieldText({} as { reason?: string }, "reason", chinese)).toBeUndefined();
});
