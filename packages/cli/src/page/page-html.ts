// The frame of a page that is one file and loads nothing.
import type { Language } from "../messages/language.ts";
import { escapeHtml } from "./escape-html.ts";
import { PAGE_STYLE } from "./page-style.ts";

/** The whole document; the body is HTML already. */
export function pageHtml(page: { readonly language: Language; readonly title: string; readonly body: string }): string {
  return [
    "<!doctype html>",
    `<html lang="${page.language === "zh" ? "zh-CN" : "en"}"><head><meta charset="utf-8">`,
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">`,
    '<link rel="icon" href="data:,">',
    `<title>${escapeHtml(page.title)}</title><style>${PAGE_STYLE}</style></head>`,
    `<body><main>${page.body}</main></body></html>\n`,
  ].join("\n");
}
