// The stop strings of a call, read from the client's bytes when an answer is resumed.
import type { ModelCall } from "../model-call.ts";

/** A text or a list of texts; anything else is none. */
export function readStops({ body, scan }: ModelCall): readonly string[] {
  if (!scan.stop) return [];
  const value: unknown = JSON.parse(body.toString("utf8", scan.stop.start, scan.stop.end));
  const list = Array.isArray(value) ? value : [value];
  return list.filter((stop): stop is string => typeof stop === "string" && stop !== "");
}
