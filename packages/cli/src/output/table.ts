// Plain tables: columns two spaces apart, no lines, so that they survive copying and `awk`.
import { displayWidth, padToWidth } from "./display-width.ts";
import type { Style } from "./style.ts";

/** Renders a head and rows; cells may hold colour. Every line ends without spaces. */
export function renderTable(head: readonly string[], rows: readonly (readonly string[])[], style: Style): string {
  const widths = head.map((title, column) =>
    Math.max(displayWidth(title), ...rows.map((row) => displayWidth(row[column] ?? ""))),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => padToWidth(cell, widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return [line(head.map((title) => style.dim(title))), ...rows.map(line)].join("\n");
}
