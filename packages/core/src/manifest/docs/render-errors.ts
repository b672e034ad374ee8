// The page of error codes (docs/reference/errors.md and its Chinese twin), from the table that the code uses. Chinese lines stand with the
// command line, which is above core, so they come in as a parameter.
import { ERROR_TABLE, type ErrorCode } from "../../errors/error-table.ts";

/** Message and hint of every code in another language. */
export type TranslatedErrors = Readonly<Record<ErrorCode, { readonly message: string; readonly hint: string }>>;

const ENGLISH = {
  head: "# Errors\n\nGenerated from the error table by `npm run generate`; change the table, not this page. Compare errors by code, never by message.\n",
  kind: { user: "kind user", upstream: "kind upstream", bug: "kind bug" },
  exitCode: "exit code",
  retryable: "retryable",
  notRetryable: "not retryable",
  comma: ", ",
};

const CHINESE: typeof ENGLISH = {
  head: "# 错误\n\n由 `npm run generate` 从错误表生成；请改错误表，不要改本页。请按代码比较错误，不要按消息。\n",
  kind: { user: "类别：用户", upstream: "类别：上游", bug: "类别：缺陷" },
  exitCode: "退出码",
  retryable: "可以重试",
  notRetryable: "不要重试",
  comma: "，",
};

/** The whole page: in English, or in Chinese with these lines. */
export function renderErrors(chinese?: TranslatedErrors): string {
  const words = chinese === undefined ? ENGLISH : CHINESE;
  const areas = Map.groupBy(Object.entries(ERROR_TABLE), ([code]) => code.split("_")[1] ?? "");
  const sections = [...areas].map(([area, rows]) => {
    const entries = rows.map(([code, row]) => {
      const { message, hint } = chinese?.[code as ErrorCode] ?? row;
      const facts = [
        words.kind[row.kind],
        `HTTP ${row.httpStatus}`,
        `${words.exitCode} ${row.exitCode}`,
        row.retryable ? words.retryable : words.notRetryable,
      ];
      return `### ${code}\n\n${cell(message)}\n\n- ${facts.join(words.comma)}\n- ${cell(hint)}\n`;
    });
    return `## ${area}\n\n${entries.join("\n")}`;
  });
  return [words.head, ...sections].join("\n");
}

function cell(text: string): string {
  return text.replaceAll("<", "&lt;");
}
