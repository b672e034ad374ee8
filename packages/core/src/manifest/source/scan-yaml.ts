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

/** Reads tokens until the end or the first refusal. */
export function scanYaml(text: string): ScanRefusal | undefined {
  if (Buffer.byteLength(text) > SCAN_LIMITS.bytes) return limit(0, "the file is larger than 1 MiB");
  const state = createScanState();
  for (const token of new Lexer().lex(text)) {
    const refusal = readToken(state, token);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function limit(offset: number, message: string): ScanRefusal {
  return { offset, code: "FB_MANIFEST_LIMIT", message };
}

function syntax(offset: number, message: string): ScanRefusal {
  return { offset, code: "FB_MANIFEST_SYNTAX", message };
}

/**
 * Where the scan stands. Depth is followed as a stack of columns (indentation) and a number of brackets: at most one less, or a few
 * more, than what the parser finds, which is counted again.
 */
interface ScanState {
  offset: number;
  lineStart: number;
  tokens: number;
  aliases: number;
  brackets: number;
  readonly columns: number[];
  hasContent: boolean;
  /** The next token is the text of a plain or block scalar. */
  isScalarNext: boolean;
  /** The next content stands where a block map or list may begin. */
  mayOpenBlock: boolean;
  /** Only white space has been seen in this line. */
  isIndentation: boolean;
  /** Offset of a tab in this line's indentation; -1 without one. */
  tabAt: number;
  /** The token before, in this line; "" at its beginning. */
  previous: string;
}

function createScanState(): ScanState {
  return {
    offset: 0,
    lineStart: 0,
    tokens: 0,
    aliases: 0,
    brackets: 0,
    columns: [],
    hasContent: false,
    isScalarNext: false,
    mayOpenBlock: true,
    isIndentation: true,
    tabAt: -1,
    previous: "",
  };
}

function readToken(state: ScanState, token: string): ScanRefusal | undefined {
  state.tokens += 1;
  if (state.tokens > SCAN_LIMITS.tokens)
    return limit(state.offset, "too many values in one file; split it with include");
  if (token === SCALAR) {
    state.isScalarNext = true;
    return undefined;
  }
  if (token === DOCUMENT) return state.hasContent ? syntax(state.offset, MORE_DOCUMENTS) : undefined;
  if (token === FLOW_ERROR_END) return undefined;
  const isScalar = state.isScalarNext;
  state.isScalarNext = false;
  const refusal = isScalar || !isSpace(token) ? readContent(state, token, isScalar) : readSpace(state, token);
  moveOn(state, token);
  return refusal;
}

function moveOn(state: ScanState, token: string): void {
  const newline = token.lastIndexOf("\n");
  if (newline >= 0) {
    state.lineStart = state.offset + newline + 1;
    state.mayOpenBlock = true;
    state.isIndentation = true;
    if (token.trim() === "") state.previous = "";
  }
  state.offset += token.length;
}

/** White space, comments and the byte order mark. */
function isSpace(token: string): boolean {
  return /^[\s#\uFEFF]/.test(token);
}

function readSpace(state: ScanState, token: string): undefined {
  if (/^[#\n\r]/.test(token)) state.tabAt = -1;
  const tab = token.indexOf("\t");
  const isIndentation = state.isIndentation && state.brackets === 0;
  if (tab >= 0 && isIndentation && /^[ \t]/.test(token)) state.tabAt = state.offset + tab;
}

function readContent(state: ScanState, token: string, isScalar: boolean): ScanRefusal | undefined {
  const { offset, previous, hasContent } = state;
  const word = isScalar ? "" : token;
  if (word.startsWith("%") && !hasContent) return syntax(offset, "a YAML directive is not used here; remove the line");
  if (word === "---" && hasContent) return syntax(offset, MORE_DOCUMENTS);
  state.hasContent = true;
  state.isIndentation = false;
  state.previous = isScalar ? "a" : token;
  const stray = strayToken(previous, token, isScalar);
  if (stray !== undefined) return syntax(offset, stray);
  if (state.tabAt >= 0) return syntax(state.tabAt, "a tab is used for indentation; use spaces");
  if (word.startsWith("*")) state.aliases += 1;
  if (state.aliases > SCAN_LIMITS.aliases) return limit(offset, "more than 64 aliases");
  followDepth(state, word);
  const depth = state.columns.length - 1 + state.brackets;
  return depth > SCAN_LIMITS.depth ? limit(offset, "nested deeper than 64 levels") : undefined;
}

function followDepth(state: ScanState, word: string): void {
  const { columns } = state;
  if (state.mayOpenBlock && state.brackets === 0) {
    const column = state.offset - state.lineStart;
    while (columns.length > 0 && (columns.at(-1) ?? 0) > column) columns.pop();
    if (columns.length === 0 || column > (columns.at(-1) ?? 0)) columns.push(column);
  }
  if (word === "[" || word === "{") state.brackets += 1;
  if (word === "]" || word === "}") state.brackets = Math.max(0, state.brackets - 1);
  state.mayOpenBlock = word === "-" || word === "?" || (word === ":" && state.mayOpenBlock);
}

/** Two mistakes that the parser would report once for each of thousands of tokens. */
function strayToken(previous: string, token: string, isScalar: boolean): string | undefined {
  if (!isScalar && token === "," && /^[,[{]$/.test(previous)) return "a comma without a value before it";
  const isText = isScalar || token.startsWith('"') || token.startsWith("'");
  return isText && /^["']/.test(previous) ? "text directly after a closing quote" : undefined;
}
