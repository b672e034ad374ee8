// `flyball docs [section]`: the reference for a terminal.
import { FlyballError } from "../../errors/flyball-error.ts";
import type { Bilingual } from "../schema/described.ts";
import { nearestName } from "../problems/nearest-name.ts";
import { manifestSections, type Section } from "./sections.ts";
import { TOPICS, type Topic } from "./topics.ts";

/** Languages of the reference. */
export type DocsLanguage = "en" | "zh";

const WORDS = {
  sections: { english: "More: flyball docs <section>", chinese: "更多：flyball docs <节>" },
  required: { english: "required", chinese: "必填" },
  default: { english: "default", chinese: "默认" },
} as const;

/**
 * The text of one section or topic, found by its place (`models` at the top), its id (`port`) or the key under which it stands (`ports`);
 * without a name the overview. Throws FB_CLI_USAGE for a name that nothing has.
 */
export function renderDocs(name: string | undefined, language: DocsLanguage): string {
  const sections = manifestSections();
  const pick = (text: Bilingual): string => (language === "zh" ? text.chinese : text.english);
  if (name === undefined) return renderOverview(sections, pick);
  const section = findSection(sections, name);
  if (section !== undefined) return renderSection(section, pick);
  const topic = TOPICS.find((known) => known.id === name);
  if (topic !== undefined) return renderTopic(topic, pick);
  const names = [...sections.map(({ id }) => id), ...TOPICS.map(({ id }) => id)];
  const nearest = nearestName(name, names);
  const hint = nearest === undefined ? `sections are ${names.join(", ")}` : `did you mean "${nearest}"?`;
  throw new FlyballError("FB_CLI_USAGE", { reason: `there is no section "${name}"; ${hint}` });
}

function findSection(sections: readonly Section[], name: string): Section | undefined {
  return (
    sections.find((section) => section.paths.some((path) => path === name || withoutNames(path) === name)) ??
    sections.find((section) => section.id === name) ??
    sections.find((section) => section.paths.some((path) => lastKey(path) === name))
  );
}

/** `services.<name>.ports[]` → `services.ports`. */
function withoutNames(path: string): string {
  return path.replaceAll(/\.<name>|\[\]/g, "");
}

/** `services.<name>.ports[]` → `ports`. */
function lastKey(path: string): string {
  return withoutNames(path).split(".").at(-1) ?? "";
}

type Pick = (text: Bilingual) => string;

function renderOverview(sections: readonly Section[], pick: Pick): string {
  const [top, ...others] = sections;
  const names = [...others.map(({ id }) => id), ...TOPICS.map(({ id }) => id)];
  return `${top === undefined ? "" : renderSection(top, pick)}\n${pick(WORDS.sections)}\n  ${names.join(" ")}\n`;
}

function renderSection(section: Section, pick: Pick): string {
  const title = section.paths.length === 0 ? "flyball.yaml" : section.paths.join(", ");
  const rows = section.rows.map((row) => {
    const notes = [
      pick(row.type).replaceAll(/[{}]/g, ""),
      ...(row.isRequired ? [pick(WORDS.required)] : []),
      ...(row.defaultText === undefined ? [] : [`${pick(WORDS.default)} ${row.defaultText}`]),
    ];
    return `  ${row.key}: ${notes.join(", ")}\n      ${pick(row.meaning)}\n`;
  });
  return `${title}\n  ${pick(section.meaning)}\n\n${rows.join("")}`;
}

function renderTopic(topic: Topic, pick: Pick): string {
  return `${pick(topic.title)}\n\n${topic.lines.map(({ code, text }) => `  ${code}\n      ${pick(text)}\n`).join("")}`;
}
