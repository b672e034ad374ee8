// Reads what a server wrote on one connection, byte for byte as RFC 9112 §6 says, so that two servers can be compared by it.

/** One response, interim ones too. */
export interface Answer {
  readonly status: number;
  readonly phrase: string;
  /** Name and value as they came, the date's value left out. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  readonly framing: "none" | "length" | "chunks" | "close";
}

/** What came. */
export interface Answers {
  /** Whole ones. With a body that ends with the connection only once it is closed. */
  readonly whole: readonly Answer[];
  /** Bytes behind them. */
  readonly rest: string;
}

/** Reads all whole responses. `methods` are those of the requests in their order. Throws at bytes that are no response. */
export function readAnswers(text: string, methods: readonly string[], isClosed: boolean): Answers {
  const whole: Answer[] = [];
  let rest = text;
  let finals = 0;
  for (;;) {
    const read = readOne(rest, methods[finals] ?? "GET", isClosed);
    if (read === undefined) return { whole, rest };
    whole.push(read.answer);
    rest = read.rest;
    if (read.answer.status >= 200) finals += 1;
  }
}

function readOne(text: string, method: string, isClosed: boolean): { answer: Answer; rest: string } | undefined {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [first = "", ...lines] = text.slice(0, end).split("\r\n");
  const match = /^HTTP\/1\.1 (\d{3}) (.*)$/.exec(first);
  if (!match) throw new Error(`no response begins with ${JSON.stringify(text.slice(0, 60))}`);
  const status = Number(match[1]);
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon);
    return [name, name.toLowerCase() === "date" ? "" : line.slice(colon + 1).trim()];
  });
  const value = (wanted: string): string | undefined => headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
  const after = text.slice(end + 4);
  const make = (body: string, framing: Answer["framing"], rest: string): { answer: Answer; rest: string } => ({
    answer: { status, phrase: match[2] ?? "", headers, body, framing },
    rest,
  });
  if (method === "HEAD" || status < 200 || status === 204 || status === 304) return make("", "none", after);
  if (value("transfer-encoding") === "chunked") {
    const chunks = readChunks(after);
    return chunks && make(chunks.body, "chunks", chunks.rest);
  }
  const length = value("content-length");
  if (length === undefined) return isClosed ? make(after, "close", "") : undefined;
  return after.length < Number(length)
    ? undefined
    : make(after.slice(0, Number(length)), "length", after.slice(Number(length)));
}

function readChunks(text: string): { body: string; rest: string } | undefined {
  let body = "";
  let at = 0;
  for (;;) {
    const lineEnd = text.indexOf("\r\n", at);
    if (lineEnd < 0) return undefined;
    const size = text.slice(at, lineEnd);
    if (!/^[0-9a-f]+$/i.test(size)) throw new Error(`no chunk begins with ${JSON.stringify(size.slice(0, 20))}`);
    const length = Number.parseInt(size, 16);
    const end = lineEnd + 2 + length;
    if (text.length < end + 2) return undefined;
    if (text.slice(end, end + 2) !== "\r\n") throw new Error("a chunk is longer than it says");
    body += text.slice(lineEnd + 2, end);
    at = end + 2;
    if (length === 0) return { body, rest: text.slice(at) };
  }
}
