import { expect, test } from "vitest";
import { guessEncoding } from "./guess-encoding.ts";
import { inLanguage } from "./messages.ts";
import { questionIn } from "./read-question.ts";

const form = "application/x-www-form-urlencoded";
const gbkQuestion = Uint8Array.of(0xca, 0xb2, 0xc3, 0xb4, 0xca, 0xc7, 0xc8, 0xcb, 0xb9, 0xa4, 0xd6, 0xc7, 0xc4, 0xdc);

function formOf(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from("question="), bytes]);
}

function failure(body: Uint8Array | string, contentType = form, acceptLanguage?: string): unknown {
  try {
    return questionIn(Buffer.from(body), contentType, acceptLanguage);
  } catch (error) {
    return error;
  }
}

test.each([
  ["question=什么是人工智能？", form, "什么是人工智能？"],
  ["a=1&question=%E4%BB%80%E4%B9%88+is+AI%3F&b", form, "什么 is AI?"],
  ["question=100%", form, "100%"],
  ["question=100%是多少", form, "100%是多少"],
  ["\uFEFFquestion=hi", form, "hi"],
  ['{"question":" 什么是容器？ "}', "application/json; charset=UTF-8", "什么是容器？"],
  ['\uFEFF{"question":"hi"}', "Application/JSON", "hi"],
  ['{"question":"\\ud800?"}', "application/json", "\uFFFD?"],
])("the body %j as %s asks %j", (body, contentType, question) => {
  expect(questionIn(Buffer.from(body), contentType, undefined)).toBe(question);
});

test("text that is declared as GBK is read as GBK, in a form and in JSON", () => {
  expect(questionIn(formOf(gbkQuestion), `${form}; charset=gbk`, undefined)).toBe("什么是人工智能");
  const json = Buffer.concat([Buffer.from('{"question":"'), gbkQuestion, Buffer.from('"}')]);
  expect(questionIn(json, 'application/json; charset="GB18030"', undefined)).toBe("什么是人工智能");
});

test("GBK that is not declared is refused by name, as raw bytes and percent-encoded", () => {
  const escaped = [...gbkQuestion].map((byte) => `%${byte.toString(16)}`).join("");
  for (const body of [formOf(gbkQuestion), `question=${escaped}`, "question=%C8%CB"]) {
    expect(failure(body)).toMatchObject({
      status: 400,
      code: "QA_NOT_UTF8",
      message: expect.stringContaining("GBK"),
    });
  }
  expect(failure(formOf(gbkQuestion), form, "zh-CN")).toMatchObject({
    message: expect.stringMatching(/^问题不是.*GBK/),
  });
});

test.each([
  ["", "QA_EMPTY_QUESTION", 400],
  ["question=", "QA_EMPTY_QUESTION", 400],
  ["question=+%20", "QA_EMPTY_QUESTION", 400],
  ["q=what", "QA_EMPTY_QUESTION", 400],
  [`question=${"问".repeat(2_001)}`, "QA_QUESTION_TOO_LONG", 400],
])("the form %s is refused with %s", (body, code, status) => {
  expect(failure(body)).toMatchObject({ code, status });
});

test.each([
  ["{}", "application/json", "QA_EMPTY_QUESTION", 400],
  ['{"question":null}', "application/json", "QA_EMPTY_QUESTION", 400],
  ['{"question":7}', "application/json", "QA_BAD_JSON", 400],
  ['["question"]', "application/json", "QA_BAD_JSON", 400],
  ["{", "application/json", "QA_BAD_JSON", 400],
  ["question=x", "text/plain", "QA_UNSUPPORTED_TYPE", 415],
  ["question=x", "", "QA_UNSUPPORTED_TYPE", 415],
  ["question=x", "multipart/form-data; boundary=b", "QA_UNSUPPORTED_TYPE", 415],
  ["question=x", `${form}; charset=klingon`, "QA_UNSUPPORTED_CHARSET", 415],
  ["question=x", `${form}; charset=utf-16`, "QA_UNSUPPORTED_CHARSET", 415],
  ["question=%ff", `${form}; charset=gbk`, "QA_WRONG_CHARSET", 400],
])("the body %s as %s is refused with %s", (body, contentType, code, status) => {
  expect(failure(body, contentType)).toMatchObject({ code, status });
});

test("two thousand characters are few enough, whatever planes they come from", () => {
  const question = "𠀀".repeat(2_000);
  expect(questionIn(Buffer.from(`question=${question}`), form, undefined)).toBe(question);
});

test.each([
  [gbkQuestion, "GBK"],
  [Uint8Array.of(0xa4, 0x48, 0xa4, 0x75, 0xb4, 0xbc, 0xbc, 0x7a), "Big5"],
  [Buffer.from("caf\u00e9 au lait", "latin1"), "Windows-1252"],
  [Uint8Array.of(0xff, 0xfe, 0x3f, 0x00), "UTF-16"],
  [Uint8Array.of(0x81), null],
])("the bytes %j look like %s", (bytes, encoding) => {
  expect(guessEncoding(bytes)).toBe(encoding);
});

test.each([
  ["zh-CN,zh;q=0.9,en;q=0.8", "中"],
  ["en-GB", "E"],
  ["fr, zh;q=0.2, en;q=0.4", "E"],
  ["en;q=0, zh;q=0.1", "中"],
  ["fr", "E / 中"],
  [undefined, "E / 中"],
])("Accept-Language %s chooses %s", (header, text) => {
  expect(inLanguage({ en: "E", zh: "中" }, header)).toBe(text);
});
