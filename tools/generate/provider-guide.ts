// The tables of providers in docs/guides/dialects.md and docs/zh-CN/guides/dialects.md. The words around them are written by hand; what
// stands between the marks comes from the gateway's own table, so the guide cannot promise what the code does not do.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { PROVIDER_TABLE, type ProviderTraits } from "@flyball/gateway";
import type { Artefact } from "./artefact.ts";

const BEGIN = "<!-- providers: generated from packages/gateway/src/dialects/provider-table.ts -->";
const END = "<!-- /providers -->";

interface Words {
  readonly takes: readonly string[];
  readonly calls: readonly string[];
  readonly none: string;
  readonly fromManifest: string;
  readonly unasked: string;
  readonly asked: string;
  /** By the last message of the assistant alone, or marked with a member. */
  readonly continued: (member: string | undefined) => string;
  readonly under: (path: string) => string;
}

const ENGLISH: Words = {
  takes: [
    "`api`",
    "dialect",
    "Responses",
    "embeddings",
    "tools",
    "several at once",
    "images",
    "schema",
    "`top_k`",
    "user",
    "cache salt",
    "`count_tokens`",
  ],
  calls: [
    "`api`",
    "address",
    "key in",
    "bound of the output",
    "usage of a stream",
    "reasoning in",
    "asked for by",
    "continues by",
  ],
  none: "–",
  fromManifest: "`base_url`",
  unasked: "unasked",
  asked: "`stream_options`",
  continued: (member) => (member === undefined ? "the last message" : `the last message, \`${member}: true\``),
  under: (path) => `, only under \`${path}\``,
};

const CHINESE: Words = {
  takes: [
    "`api`",
    "方言",
    "Responses",
    "嵌入",
    "工具",
    "并行工具",
    "图片",
    "结构化输出",
    "`top_k`",
    "用户标识",
    "缓存 salt",
    "`count_tokens`",
  ],
  calls: ["`api`", "地址", "密钥位于", "输出上限字段", "流的用量", "推理位于", "推理的请求方式", "续写方式"],
  none: "–",
  fromManifest: "`base_url`",
  unasked: "自动给出",
  asked: "`stream_options`",
  continued: (member) => (member === undefined ? "末条消息" : `末条消息，\`${member}: true\``),
  under: (path) => `，只在 \`${path}\` 下`,
};

/** The guide of dialects in English. */
export const providerGuide = guide("docs/guides/dialects.md", ENGLISH);

/** The guide of dialects in Chinese. */
export const providerGuideChinese = guide("docs/zh-CN/guides/dialects.md", CHINESE);

function guide(path: string, words: Words): Artefact {
  const file = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  return { path, render: () => fillMarks(readFileSync(file, "utf8"), renderProviders(PROVIDER_TABLE, words), path) };
}

/** Puts the text between the marks; a page that has lost them is an error, not a page without tables. */
function fillMarks(page: string, text: string, path: string): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`${path} needs the lines ${BEGIN} and ${END}`);
  return `${before}${BEGIN}\n\n${text}\n\n${END}${after}`;
}

function renderProviders(providers: readonly ProviderTraits[], words: Words): string {
  const takes = providers.map((traits) => takesRow(traits, words));
  const calls = providers.map((traits) => callsRow(traits, words));
  return `${table(words.takes, takes)}\n\n${table(words.calls, calls)}`;
}

function takesRow(traits: ProviderTraits, { none }: Words): readonly string[] {
  const mark = (has: boolean): string => (has ? "✓" : none);
  const { hasResponses, hasEmbeddings, hasTools, hasParallelTools, hasImages, hasJsonSchema } = traits;
  const powers = [hasResponses, hasEmbeddings, hasTools, hasParallelTools, hasImages, hasJsonSchema];
  const others = [traits.hasTopK, traits.hasUser, traits.hasCacheSalt, traits.countTokens !== undefined];
  return [`\`${traits.provider}\``, traits.dialect, ...[...powers, ...others].map(mark)];
}

function callsRow(traits: ProviderTraits, words: Words): readonly string[] {
  const { provider, baseUrl, keyHeader, maxTokensField, hasStreamOptions, reasoningField, reasoningRequest } = traits;
  const code = (text: string | undefined): string => (text === undefined ? words.none : `\`${text}\``);
  return [
    code(provider),
    baseUrl === undefined ? words.fromManifest : code(baseUrl),
    code(keyHeader === "bearer" ? "Authorization" : keyHeader),
    code(maxTokensField),
    hasStreamOptions ? words.asked : words.unasked,
    code(reasoningField),
    code(reasoningRequest),
    continuation(traits, words),
  ];
}

function continuation({ resume, prefillMember, resumeBasePath }: ProviderTraits, words: Words): string {
  if (resume === undefined) return words.none;
  if (resume === "continue-final-message") return "`continue_final_message`";
  return `${words.continued(prefillMember)}${resumeBasePath === undefined ? "" : words.under(resumeBasePath)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}
