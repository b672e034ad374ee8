// Finds what routing needs in the body of a model call without building an object of it: where the value of the top-level `model`
// stands, and whether `stream` is true. The client's bytes stay as they are; only the model's string is spliced. Anything that a
// parser behind us could read differently (a routing key twice, or written with escapes) is refused. It accepts exactly the JSON that
// JSON.parse accepts and whose top level is an object; a property test holds it to that.

/** Nesting beyond it is refused, so that a body of brackets cannot hold the parser. */
export const MAX_DEPTH = 256;

/** What was found; offsets are bytes. */
export interface RoutingKeys {
  readonly kind: "found";
  readonly model: string;
  /** Of the value with its quotes: `body[modelStart]` is `"`, `body[modelEnd - 1]` too. */
  readonly modelStart: number;
  readonly modelEnd: number;
  readonly isStream: boolean;
}

/** A body that cannot be routed. */
export interface ScanFault {
  readonly kind: "invalid";
  readonly reason: string;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** Scans a whole body. */
export function scanRoutingKeys(body: Buffer): RoutingKeys | ScanFault {
  const scanner = createScanner(body);
  try {
    return scanner.run();
  } catch (error) {
    if (error instanceof ScanError) return { kind: "invalid", reason: error.message };
    throw error;
  }
}

class ScanError extends Error {}

interface Scanner {
  run(): RoutingKeys | ScanFault;
}

function createScanner(body: Buffer): Scanner {
  let at = 0;

  const fault = (what: string): never => {
    throw new ScanError(`the body is not valid JSON: ${what} at byte ${at}`);
  };
  const skipSpace = (): void => {
    for (;;) {
      const byte = body[at];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return;
      at += 1;
    }
  };
  /** At an opening quote; moves behind the closing one. Returns whether an escape is inside. */
  const skipString = (): boolean => {
    let hasEscape = false;
    at += 1;
    for (;;) {
      const byte = body[at];
      if (byte === undefined) fault("a string does not end");
      else if (byte === QUOTE) break;
      else if (byte < 0x20) fault("a control character in a string");
      else if (byte === BACKSLASH) {
        hasEscape = true;
        at = skipEscape(body, at, fault);
        continue;
      }
      at += 1;
    }
    at += 1;
    return hasEscape;
  };
  const skipLiteral = (): void => {
    const end = literalEnd(body, at);
    if (end < 0) fault("an unexpected character");
    at = end;
  };
  /** At the first byte of a value of any kind; moves behind it. */
  const skipValue = (): void => {
    // What closes each open level; a loop instead of recursion, so that depth costs no stack.
    const open: number[] = [];
    for (;;) {
      skipSpace();
      const byte = body[at];
      let isLevelOpened = false;
      if (byte === QUOTE) skipString();
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        at += 1;
        open.push(byte === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET);
        if (open.length >= MAX_DEPTH) fault(`more than ${MAX_DEPTH} levels`);
        isLevelOpened = true;
      } else skipLiteral();
      if (isLevelOpened) {
        skipSpace();
        const close = open.at(-1);
        if (body[at] !== close) {
          if (close === CLOSE_BRACE) skipKey();
          continue;
        }
      }
      for (;;) {
        const close = open.at(-1);
        if (close === undefined) return;
        skipSpace();
        if (body[at] === close) {
          at += 1;
          open.pop();
          continue;
        }
        if (body[at] !== COMMA) fault("neither a comma nor an end");
        at += 1;
        if (close === CLOSE_BRACE) skipKey();
        break;
      }
    }
  };
  const skipKey = (): void => {
    skipSpace();
    if (body[at] !== QUOTE) fault("no key");
    skipString();
    skipSpace();
    if (body[at] !== COLON) fault("no colon");
    at += 1;
  };
  return { run: () => scanTop() };

  function scanTop(): RoutingKeys | ScanFault {
    const found: { model?: { start: number; end: number }; stream?: boolean } = {};
    skipSpace();
    if (body[at] !== OPEN_BRACE) return { kind: "invalid", reason: "the body is no JSON object" };
    at += 1;
    skipSpace();
    if (body[at] === CLOSE_BRACE) at += 1;
    else scanMembers(found);
    skipSpace();
    if (at !== body.length) fault("something after the end");
    if (!found.model) return { kind: "invalid", reason: "`model` is missing" };
    const { start, end } = found.model;
    return {
      kind: "found",
      model: JSON.parse(body.toString("utf8", start, end)) as string,
      modelStart: start,
      modelEnd: end,
      isStream: found.stream ?? false,
    };
  }

  function scanMembers(found: { model?: { start: number; end: number }; stream?: boolean }): void {
    for (;;) {
      skipSpace();
      if (body[at] !== QUOTE) fault("no key");
      const keyStart = at;
      const hasEscape = skipString();
      const key = readKey(body, keyStart, at, hasEscape);
      skipSpace();
      if (body[at] !== COLON) fault("no colon");
      at += 1;
      skipSpace();
      const start = at;
      const first = body[at];
      skipValue();
      if (key === "model" || key === "stream") {
        if (hasEscape) throw new ScanError(`the key ${key} is written with escapes`);
        if (found[key] !== undefined) throw new ScanError(`the key ${key} is there twice`);
        if (key === "model") {
          if (first !== QUOTE) throw new ScanError("`model` is no string");
          found.model = { start, end: at };
        } else {
          found.stream = readStream(body, start, at);
        }
      }
      skipSpace();
      const next = body[at];
      at += 1;
      if (next === CLOSE_BRACE) return;
      if (next !== COMMA) fault("neither a comma nor an end");
    }
  }
}

/** The decoded key when it may be a routing key, else undefined: other keys are not decoded. */
function readKey(body: Buffer, start: number, end: number, hasEscape: boolean): string | undefined {
  if (hasEscape) return JSON.parse(body.toString("utf8", start, end)) as string;
  const length = end - start - 2;
  if (length !== 5 && length !== 6) return undefined;
  return body.toString("latin1", start + 1, end - 1);
}

function readStream(body: Buffer, start: number, end: number): boolean {
  const text = body.toString("latin1", start, end);
  if (text === "true") return true;
  if (text === "false" || text === "null") return false;
  throw new ScanError("`stream` is neither true nor false");
}

/** At a backslash; the offset behind the escape. */
function skipEscape(body: Buffer, at: number, fault: (what: string) => never): number {
  const kind = body[at + 1];
  if (kind === 0x75) {
    for (let digit = at + 2; digit < at + 6; digit += 1) {
      if (!isHexDigit(body[digit])) fault("a broken \\u escape");
    }
    return at + 6;
  }
  // " \ / b f n r t
  const isKnown =
    kind === 0x22 ||
    kind === 0x5c ||
    kind === 0x2f ||
    kind === 0x62 ||
    kind === 0x66 ||
    kind === 0x6e ||
    kind === 0x72 ||
    kind === 0x74;
  if (!isKnown) fault("an unknown escape");
  return at + 2;
}

function isHexDigit(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** The end of true, false, null or a number that begins at `start`; −1 when there is none. */
function literalEnd(body: Buffer, start: number): number {
  let end = start;
  for (;;) {
    const byte = body[end];
    const isPart =
      byte !== undefined &&
      ((byte >= 0x30 && byte <= 0x39) ||
        (byte >= 0x61 && byte <= 0x7a) ||
        byte === 0x45 ||
        byte === 0x2b ||
        byte === 0x2d ||
        byte === 0x2e);
    if (!isPart) break;
    end += 1;
  }
  const text = body.toString("latin1", start, end);
  const isLiteral = text === "true" || text === "false" || text === "null" || NUMBER.test(text);
  return isLiteral ? end : -1;
}
