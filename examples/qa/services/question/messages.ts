// What a person is told when a question cannot be taken, in the languages that the request accepts: one of the two when
// Accept-Language names it, both when it does not.
import { ServiceError } from "../shared/service-error.ts";

/** The same sentence in both languages. */
export interface Message {
  readonly en: string;
  readonly zh: string;
}

/** Everything that can be wrong with a request for an answer. */
export const messages = {
  QA_EMPTY_QUESTION: {
    status: 400,
    en: `The question is missing. Send it as the form field "question" or as JSON {"question": "…"}.`,
    zh: `缺少问题。请用表单字段 question 或 JSON {"question": "…"} 提交。`,
  },
  QA_QUESTION_TOO_LONG: {
    status: 400,
    en: "The question is longer than 2,000 characters.",
    zh: "问题超过 2000 个字符。",
  },
  QA_BAD_JSON: {
    status: 400,
    en: `The body is not a JSON object with a text "question".`,
    zh: "请求体不是带有文本字段 question 的 JSON 对象。",
  },
  QA_UNSUPPORTED_TYPE: {
    status: 415,
    en: "Send the question as application/x-www-form-urlencoded or application/json.",
    zh: "请用 application/x-www-form-urlencoded 或 application/json 提交问题。",
  },
  QA_WRONG_CHARSET: {
    status: 400,
    en: "The body is not in the encoding that its content-type declares.",
    zh: "请求体的编码与 content-type 声明的不一致。",
  },
  QA_UNSUPPORTED_CHARSET: {
    status: 415,
    en: "The charset of the content-type is not known. Use charset=utf-8.",
    zh: "无法识别 content-type 中的 charset。请使用 charset=utf-8。",
  },
} as const;

/** The error with one of the codes above. */
export function questionError(code: keyof typeof messages, acceptLanguage: string | undefined): ServiceError {
  const message = messages[code];
  return new ServiceError(message.status, code, inLanguage(message, acceptLanguage));
}

/** The error for text that is not UTF-8; `encoding` is what it looks like. */
export function notUtf8Error(encoding: string | null, acceptLanguage: string | undefined): ServiceError {
  const source = encoding ?? "GBK";
  // A form in UTF-16 cannot be split into fields, so declaring it would not help.
  const canDeclare = source !== "UTF-16";
  const message = {
    en: [
      `The question is not valid UTF-8${encoding === null ? "" : `; it looks like ${encoding}`}.`,
      `Send it as UTF-8 (in a terminal: iconv -f ${source} -t UTF-8).`,
      canDeclare ? `Or declare the encoding in the content-type: charset=${source.toLowerCase()}.` : "",
      "A percent sign itself is written %25.",
    ],
    zh: [
      `问题不是有效的 UTF-8${encoding === null ? "" : `，看起来是 ${encoding} 编码`}。`,
      `请用 UTF-8 提交（终端中可用 iconv -f ${source} -t UTF-8 转换）。`,
      canDeclare ? `也可以在 content-type 中声明编码：charset=${source.toLowerCase()}。` : "",
      "百分号本身应写作 %25。",
    ],
  };
  const [en, zh] = [message.en.filter(Boolean).join(" "), message.zh.join("")];
  return new ServiceError(400, "QA_NOT_UTF8", inLanguage({ en, zh }, acceptLanguage));
}

/** Chooses by Accept-Language; both, joined, when it names neither. */
export function inLanguage({ en, zh }: Message, acceptLanguage: string | undefined): string {
  const ranked = (acceptLanguage ?? "")
    .split(",")
    .map((part) => {
      const [tag = "", ...parameters] = part.trim().toLowerCase().split(";");
      const weight = parameters.map((parameter) => /^\s*q=([\d.]+)$/.exec(parameter)?.[1]).find(Boolean) ?? "1";
      return { language: tag.split("-")[0] ?? "", weight: Number(weight) };
    })
    .filter(({ language, weight }) => (language === "zh" || language === "en") && weight > 0)
    .toSorted((left, right) => right.weight - left.weight);
  const first = ranked[0]?.language;
  if (first === undefined) return `${en} / ${zh}`;
  return first === "zh" ? zh : en;
}
