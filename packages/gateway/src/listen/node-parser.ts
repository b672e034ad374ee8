// The parser that Node's HTTP server gives each connection, as far as the short way uses it. Node gives it no public name, so what is used
// of it stands here in one place, and whoever uses it looks first whether it is there.
import type { Socket } from "node:net";

/** The parser's callbacks that are taken, by what they are told. */
export interface ParserCallbacks {
  headers: (this: Parser, ...told: HeadersTold) => number | undefined;
  body: (this: Parser, bytes: Buffer) => void;
  complete: (this: Parser) => void;
}

/**
 * Major and minor version, headers, method, target, two of responses, whether it is an upgrade, whether the connection is kept. Headers and
 * target are absent where they were so long that the parser told them in parts.
 */
export type HeadersTold = [
  number,
  number,
  string[] | undefined,
  number,
  string | undefined,
  unknown,
  unknown,
  boolean,
  boolean,
];

/** Node's parser of a connection, which Node uses again for another one. */
export interface Parser {
  [slot: number]: unknown;
  readonly constructor: {
    readonly [name in "kOnHeadersComplete" | "kOnBody" | "kOnMessageComplete" | "kOnExecute"]?: number;
  };
  /** Whose request it reads now. */
  shortWay?: ParserReader | undefined;
  nodesOwn?: ParserCallbacks;
  /** What it told in parts: of a head with many headers, or of trailers. */
  _headers: string[];
  _url: string;
  /** It reads from the system itself. */
  readonly _consumed?: boolean;
}

/** A socket of Node's HTTP server. */
export interface ServedSocket extends Socket {
  readonly parser?: Parser | null;
  /** The response that Node has running on it. */
  _httpMessage?: unknown;
  readonly _handle?: { readonly reading?: boolean; readStart(): void; readStop(): void } | null;
}

/** Takes what the parser tells of one connection. */
export interface ParserReader {
  onHeaders(told: HeadersTold): number | undefined;
  /** false: this message is Node's. */
  onBody(bytes: Buffer): boolean;
  /** false: as above. */
  onComplete(): boolean;
}
