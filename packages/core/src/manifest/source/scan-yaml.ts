// A cheap look at a YAML text before it is parsed. The parser recurses and some of its checks are quadratic, so a hostile file could
// cost seconds or the stack; the lexer is linear and can be stopped. What passes here is parsed in well under 100 ms.
import { Lexer } from "yaml";

/** Bounds of one file. */
export const SCAN_LIMITS = { bytes: 1_048_576, depth: 64, aliases: 64, tokens: 20_000 } as const;

/** Why a text is not parsed at all, and where (offset in UTF-16 units). */
export interface ScanRefusal {
  readonly offset: number;
  readonly code: "FB_MANIFEST_LIMIT" | "FB_MANIFEST_SYNTAX";
  readonly message: string;
}

const MORE_DOCUMENTS = "more than one YAML document; a manifest is one document";
const SCALAR = "\u001F";
const DOCUMENT = "\u0002";
const FLOW_ERROR_END = "\u0018";
const BYTE_ORDER_MARK = "\uFEFF";

/** Reads tokens until the end or the first refusal. */
export function scanYaml(text: string): ScanRefusal | undefined {
  if (Buffer.byteLength(text) > SCAN_LIMITS.bytes) return limit(0, "the file is larger than 1 MiB");
  const state = createScanState();
  for (const token of new Lexer().lex(text)) {
    const refusal = state.read(token);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** Two mistakes that the parser would report once for each of thousands of tokens. */
function strayToken(previous: string, token: string, isScalar: boolean): string | undefined {
  if (!isScalar && token === "," && /^[,[{]$/.test(previous)) return "a comma without a value before it";
  const isText = isScalar || token.startsWith('"') || token.startsWith("'");
  return isText && /^["']/.test(previous) ? "text directly after a closing quote" : undefined;
}

function limit(offset: number, message: string): ScanRefusal {
  return { offset, code: "FB_MANIFEST_LIMIT", message };
}

function syntax(offset: number, message: string): ScanRefusal {
  return { offset, code: "FB_MANIFEST_SYNTAX", message };
}

/**
 * Follows the indentation as a stack of columns and the brackets as a number; together they are the depth of nesting, at most one
 * less or a few more than what the parser finds, which is counted again.
 */
function createScanState(): { read(token: string): ScanRefusal | undefined } {
  let offset = 0;
  let lineStart = 0;
  let tokens = 0;
  let aliases = 0;
  let documents = 0;
  let hasContent = false;
  let brackets = 0;
  let isScalarNext = false;
  let mayOpenBlock = true;
  let tabAt = -1;
  let isIndentation = true;
  let previous = "";
  const columns: number[] = [];

  const openBlock = (column: number): void => {
    while (columns.length > 0 && (columns.at(-1) as number) > column) columns.pop();
    if (columns.length === 0 || column > (columns.at(-1) as number)) columns.push(column);
  };

  const readContent = (token: string, isScalar: boolean): ScanRefusal | undefined => {
    if (token === "---" && !isScalar) {
      const isSecond = hasContent;
      hasContent = true;
      return isSecond ? syntax(offset, MORE_DOCUMENTS) : undefined;
    }
    hasContent = true;
    isIndentation = false;
    const stray = strayToken(previous, token, isScalar);
    previous = isScalar ? "a" : token;
    if (stray !== undefined) return syntax(offset, stray);
    if (tabAt >= 0) return syntax(tabAt, "a tab is used for indentation; use spaces");
    const first = isScalar ? "" : token[0];
    if (first === "%" && offset === lineStart && documents === 0) {
      return syntax(offset, "a YAML directive is not used here; remove the line");
    }
    if (first === "*" && ++aliases > SCAN_LIMITS.aliases) return limit(offset, "more than 64 aliases");
    if (mayOpenBlock && brackets === 0) openBlock(offset - lineStart);
    if (!isScalar && (token === "[" || token === "{")) brackets += 1;
    if (!isScalar && (token === "]" || token === "}")) brackets = Math.max(0, brackets - 1);
    if (columns.length - 1 + brackets > SCAN_LIMITS.depth) return limit(offset, "nested deeper than 64 levels");
    mayOpenBlock = !isScalar && (token === "-" || token === "?" || (token === ":" && mayOpenBlock));
    return undefined;
  };

  return {
    read(token) {
      if (++tokens > SCAN_LIMITS.tokens) return limit(offset, "too many values in one file; split it with include");
      if (token === SCALAR) {
        isScalarNext = true;
        return undefined;
      }
      if (token === DOCUMENT) {
        documents += 1;
        return documents > 1 ? syntax(offset, MORE_DOCUMENTS) : undefined;
      }
      if (token === FLOW_ERROR_END) return undefined;
      const isScalar = isScalarNext;
      isScalarNext = false;
      const refusal = isScalar ? readContent(token, true) : readToken(token);
      const newline = token.lastIndexOf("\n");
      if (newline >= 0) {
        lineStart = offset + newline + 1;
        mayOpenBlock = true;
        isIndentation = true;
        if (token.trim() === "") previous = "";
      }
      offset += token.length;
      return refusal;
    },
  };

  function readToken(token: string): ScanRefusal | undefined {
    const first = token[0];
    if (first === BYTE_ORDER_MARK || first === "#") {
      if (first === "#") tabAt = -1;
      return undefined;
    }
    if (first === "\n" || first === "\r") {
      tabAt = -1;
      return undefined;
    }
    if (first === " " || first === "\t") {
      const tab = token.indexOf("\t");
      if (tab >= 0 && brackets === 0 && isIndentation) tabAt = offset + tab;
      return undefined;
    }
    return readContent(token, false);
  }
}
