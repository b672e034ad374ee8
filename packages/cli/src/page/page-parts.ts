// The pieces of the page: tables, legends, figures with their table twin.
import { escapeHtml } from "./escape-html.ts";
import { sampleOf } from "./series-mark.ts";

/** A table of figures; the first cell of a row is its name. */
export function tableHtml(caption: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  return tableOf("", caption, { head, rows });
}

/** A table of words: they begin at the left, and wrap where there is no room. */
export function textTableHtml(caption: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  return tableOf(' class="words"', caption, { head, rows });
}

function tableOf(
  look: string,
  caption: string,
  { head, rows }: { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] },
): string {
  const headCells = head.map((text) => `<th scope="col">${escapeHtml(text)}</th>`).join("");
  const bodyRows = rows.map(([name = "", ...cells]) => {
    const rest = cells.map((text) => `<td>${escapeHtml(text)}</td>`).join("");
    return `<tr><th scope="row">${escapeHtml(name)}</th>${rest}</tr>`;
  });
  return (
    `<div class="wide" tabindex="0" role="group" aria-label="${escapeHtml(caption)}"><table${look}><caption>${escapeHtml(caption)}</caption>` +
    `<thead><tr>${headCells}</tr></thead><tbody>${bodyRows.join("")}</tbody></table></div>`
  );
}

/** One line of a plot by its name; as text, it has the look of its place in the list. */
export type LegendEntry = string | { readonly series: number; readonly name: string };

/** Which line is which. */
export function legendHtml(entries: readonly LegendEntry[]): string {
  const items = entries.map((entry, index) => {
    const { series, name } = typeof entry === "string" ? { series: index, name: entry } : entry;
    return `<li>${sampleOf(series)} ${escapeHtml(name)}</li>`;
  });
  return `<ul class="legend">${items.join("")}</ul>`;
}

/** A section with a picture, what it shows, and the same as a table. */
export function figureHtml(figure: {
  readonly title: string;
  readonly text: string;
  readonly legend?: readonly LegendEntry[];
  readonly plot: string;
  readonly tableTitle: string;
  readonly table: string;
}): string {
  const { title, text, legend, plot, tableTitle, table } = figure;
  return (
    `<section><h2>${escapeHtml(title)}</h2><p>${escapeHtml(text)}</p>` +
    `<figure>${legend === undefined ? "" : legendHtml(legend)}<div class="wide" tabindex="0" role="group" aria-label="${escapeHtml(title)}">${plot}</div></figure>` +
    `<details><summary>${escapeHtml(tableTitle)}</summary>${table}</details></section>`
  );
}
