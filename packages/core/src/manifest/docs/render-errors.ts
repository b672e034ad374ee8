// The page of error codes (docs/reference/errors.md), from the table that the code uses.
import { ERROR_TABLE } from "../../errors/error-table.ts";

/** The whole page. */
export function renderErrors(): string {
  const head =
    "# Errors\n\nGenerated from the error table by `npm run generate`; change the table, not this page. Compare errors by code, never by message.\n";
  const areas = Map.groupBy(Object.entries(ERROR_TABLE), ([code]) => code.split("_")[1] ?? "");
  const sections = [...areas].map(([area, rows]) => {
    const entries = rows.map(([code, row]) => {
      const facts = [
        `kind ${row.kind}`,
        `HTTP ${row.httpStatus}`,
        `exit code ${row.exitCode}`,
        row.retryable ? "retryable" : "not retryable",
      ];
      return `### ${code}\n\n${cell(row.message)}\n\n- ${facts.join(", ")}\n- ${cell(row.hint)}\n`;
    });
    return `## ${area}\n\n${entries.join("\n")}`;
  });
  return [head, ...sections].join("\n");
}

function cell(text: string): string {
  return text.replaceAll("<", "&lt;");
}
