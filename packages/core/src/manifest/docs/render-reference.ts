// The reference page in Markdown (docs/reference/manifest.md and its Chinese counterpart).
import type { Bilingual } from "../schema/described.ts";
import type { DocsLanguage } from "./render-docs.ts";
import { manifestSections, type Section } from "./sections.ts";
import { TOPICS } from "./topics.ts";

const TEXTS = {
  title: { english: "The manifest", chinese: "清单" },
  note: {
    english: "Generated from the schema by `npm run generate`; change the schema, not this page.",
    chinese: "由 `npm run generate` 从模式生成；请修改模式，而不是本页。",
  },
  intro: {
    english:
      "`flyball.yaml` says what an application consists of. An unknown key is an error, every error names file, line and column. The same text in a terminal: `flyball docs [section]`. A complete example: [flyball.example.yaml](flyball.example.yaml). For editors: [manifest.schema.json](manifest.schema.json).",
    chinese:
      "`flyball.yaml` 说明应用由什么组成。未知的键是错误，每个错误都会指出文件、行和列。在终端中查看同样的内容：`flyball docs [节]`。完整示例：[flyball.example.yaml](../../reference/flyball.example.yaml)。供编辑器使用：[manifest.schema.json](../../reference/manifest.schema.json)。",
  },
  key: { english: "Key", chinese: "键" },
  type: { english: "Type", chinese: "类型" },
  default: { english: "Default", chinese: "默认值" },
  meaning: { english: "Meaning", chinese: "含义" },
  required: { english: "required", chinese: "必填" },
  at: { english: "Stands at", chinese: "位于" },
  whole: { english: "The whole file", chinese: "整个文件" },
} as const;

type Pick = (text: Bilingual) => string;

/** The whole page. */
export function renderReference(language: DocsLanguage): string {
  const pick: Pick = (text) => (language === "zh" ? text.chinese : text.english);
  const sections = manifestSections().map((section) => renderSection(section, pick));
  const topics = TOPICS.map((topic) => {
    const lines = topic.lines.map(({ code, text }) => `- \`${code}\`: ${pick(text)}`);
    return `## ${pick(topic.title)}\n\n${lines.join("\n")}\n`;
  });
  const head = `# ${pick(TEXTS.title)}\n\n${pick(TEXTS.note)}\n\n${pick(TEXTS.intro)}\n`;
  return [head, ...sections, ...topics].join("\n");
}

function renderSection(section: Section, pick: Pick): string {
  const isTop = section.paths.length === 0;
  const heading = isTop ? pick(TEXTS.whole) : section.id;
  const places = isTop ? "" : `${pick(TEXTS.at)}: ${section.paths.map((path) => `\`${path}\``).join(", ")}\n\n`;
  const text = `## ${heading}\n\n${pick(section.meaning)}\n\n${places}`;
  if (section.rows.length === 0) return text.trimEnd() + "\n";
  const header = [TEXTS.key, TEXTS.type, TEXTS.default, TEXTS.meaning].map(pick);
  const rows = section.rows.map((row) => {
    const fallback = row.isRequired
      ? pick(TEXTS.required)
      : row.defaultText === undefined
        ? ""
        : `\`${row.defaultText}\``;
    return [`\`${row.key}\``, linkSections(pick(row.type)), fallback, pick(row.meaning)];
  });
  return `${text}${renderTable(header, rows)}`;
}

/** `{port}` → a link to the section. */
function linkSections(type: string): string {
  return escapeCell(type).replaceAll(/\{([a-z-]+)\}/g, (_, id: string) => `[${id}](#${id})`);
}

function renderTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const body = rows.map(([key = "", type = "", fallback = "", meaning = ""]) =>
    line([key, type, fallback, escapeCell(meaning)]),
  );
  return `${[line(header), line(header.map(() => "---")), ...body].join("\n")}\n`;
}

function escapeCell(text: string): string {
  return text.replaceAll("|", String.raw`\|`).replaceAll("<", "&lt;");
}
