// Finds what routing needs in the body of a model call without building an object of it: where the value of the top-level `model`
// stands, and whether `stream` is true. The client's bytes stay as they are; only the model's string is spliced. Anything that a
// parser behind us could read differently (a routing key twice, or written with escapes) is refused. A property test holds it to
// JSON.parse.
import { createKeyTable, scanMembers } from "../pass-through/member-scan.ts";
import { JsonFault, QUOTE } from "./json-cursor.ts";

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

const KEYS = createKeyTable(["model", "stream"]);

/** Scans a whole body. */
export function scanRoutingKeys(body: Buffer): RoutingKeys | ScanFault {
  try {
    const { offsets } = scanMembers(body, KEYS);
    const [, modelStart = 0, modelEnd = 0, , streamStart = 0, streamEnd = 0] = offsets;
    if (modelStart === 0) return { kind: "invalid", reason: "`model` is missing" };
    if (body[modelStart] !== QUOTE) return { kind: "invalid", reason: "`model` is no string" };
    const model = JSON.parse(body.toString("utf8", modelStart, modelEnd)) as string;
    const isStream = streamStart > 0 && readStream(body, streamStart, streamEnd);
    return { kind: "found", model, modelStart, modelEnd, isStream };
  } catch (error) {
    if (error instanceof JsonFault) return { kind: "invalid", reason: error.message };
    throw error;
  }
}

/** The value of `stream`; null counts as false. */
export function readStream(body: Buffer, start: number, end: number): boolean {
  const text = body.toString("latin1", start, end);
  if (text === "true") return true;
  if (text === "false" || text === "null") return false;
  throw new JsonFault("`stream` is neither true nor false");
}
