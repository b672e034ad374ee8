// The look of the page, light and dark as the reader's system says. Colours of text and lines keep WCAG AA against their background.

/** All of it; the page loads nothing. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--back:#fff;--card:#f6f7f9;--text:#1b1f24;--soft:#4d5661;--line:#d5dae0;--bound:#6a737d;
--series-0:#0b62a8;--series-1:#a8440a;--series-2:#0f6b3a;--series-3:#6f37a6;--series-4:#00646d;--series-5:#8f2873;--series-6:#5f5000;--series-7:#a3221c}
@media (prefers-color-scheme:dark){:root{--back:#14171a;--card:#1d2126;--text:#e8eaed;--soft:#aab2bb;--line:#3a4149;--bound:#8b949e;
--series-0:#6cb6ff;--series-1:#f2a65a;--series-2:#5ecf8d;--series-3:#c69bf5;--series-4:#4fd1d9;--series-5:#f08fd0;--series-6:#d8c14a;--series-7:#ff8f86}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--text);font:16px/1.5 system-ui,"Noto Sans SC","PingFang SC","Microsoft YaHei",sans-serif}
main{max-width:72rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1,h2,p{overflow-wrap:anywhere}
h1{font-size:1.6rem;margin:0 0 .25rem}h2{font-size:1.2rem;margin:0 0 .25rem}
p{margin:.25rem 0 .75rem;color:var(--soft)}
section{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:1rem;margin:1.25rem 0}
figure{margin:0}
.plot{display:block;width:100%;min-width:38rem;height:auto}
.plot text{fill:var(--soft);font-size:12px}.plot .axis{fill:var(--text);font-size:13px}
.plot .grid{stroke:var(--line);stroke-width:1}.plot .bound{stroke:var(--bound);stroke-width:1.5;stroke-dasharray:3 3}
.plot.narrow{display:none;min-width:0}
@media (max-width:40rem){.plot.wide{display:none}.plot.narrow{display:block}}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;margin:.25rem 0 .5rem;padding:0;font-size:.9rem}
.legend li{display:flex;align-items:center;gap:.4rem}
.wide{overflow-x:auto;background:linear-gradient(90deg,var(--card) 30%,transparent) 0 0/2.5rem 100% no-repeat local,linear-gradient(270deg,var(--card) 30%,transparent) 100% 0/2.5rem 100% no-repeat local,
linear-gradient(90deg,var(--line),transparent) 0 0/.75rem 100% no-repeat,linear-gradient(270deg,var(--line),transparent) 100% 0/.75rem 100% no-repeat}
table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums;margin:.5rem 0}
caption{text-align:left;color:var(--soft);padding-bottom:.25rem}
th,td{padding:.25rem .45rem;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
th[scope=row],thead th:first-child{text-align:left}
.words th,.words td{text-align:left}.words td:last-child{white-space:normal;overflow-wrap:anywhere}
thead th{color:var(--soft);font-weight:600}
summary{cursor:pointer;padding:.25rem 0}
summary:focus-visible,.wide:focus-visible{outline:2px solid var(--series-0);outline-offset:2px}
footer{color:var(--soft);font-size:.875rem}
@media print{details::details-content{content-visibility:visible}}
`;
