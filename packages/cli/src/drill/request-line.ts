// One line of a file of requests: JSON with `service` and `path`, or with `model` and `prompt`.
import { nearestName } from "@flyball/core";
import { usageError } from "../messages/localised-error.ts";

/** A plain request to a service, or a call of a model. */
export type RequestLine =
  | {
      readonly service: string;
      readonly path: string;
      /** POST with a body, else GET. */
      readonly method?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  | { readonly model: string; readonly prompt: string; readonly stream?: boolean; readonly maxTokens?: number };

type Kind = "text" | "flag" | "count" | "texts";

const PLAIN: Readonly<Record<string, Kind>> = {
  service: "text",
  path: "text",
  method: "text",
  headers: "texts",
  body: "text",
};
const CALL: Readonly<Record<string, Kind>> = { model: "text", prompt: "text", stream: "flag", maxTokens: "count" };

/** Reads it; FB_CLI_USAGE names the place, the field and what is expected. */
export function parseRequestLine(text: string, place: string): RequestLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw wrong(place, "-", "JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(place, "-", "{…}");
  const isCall = "model" in value;
  const fields = isCall ? CALL : PLAIN;
  for (const name of isCall ? ["prompt"] : ["service", "path"]) if (!(name in value)) throw wrong(place, name, "text");
  for (const [name, entry] of Object.entries(value)) {
    const kind = fields[name];
    if (kind === undefined) {
      const known = nearestName(name, Object.keys(fields)) ?? Object.keys(fields).join(", ");
      throw usageError("drill.requests-unknown", { place, field: name, seen: name, known }, HELP);
    }
    if (!isOf(kind, entry)) throw wrong(place, name, EXPECTED[kind]);
  }
  if ("path" in value && typeof value.path === "string" && !value.path.startsWith("/"))
    throw wrong(place, "path", "/…");
  return value as RequestLine;
}

const HELP = "flyball drill run --help";
const EXPECTED: Readonly<Record<Kind, string>> = {
  text: '"…"',
  flag: "true, false",
  count: "1, 2, 3 …",
  texts: '{"name": "…"}',
};

function isOf(kind: Kind, value: unknown): boolean {
  switch (kind) {
    case "text":
      return typeof value === "string" && value !== "";
    case "flag":
      return typeof value === "boolean";
    case "count":
      return Number.isInteger(value) && (value as number) > 0;
    case "texts":
      return typeof value === "object" && value !== null && Object.values(value).every((each) => isOf("text", each));
  }
}

function wrong(place: string, field: string, expected: string): Error {
  return usageError("drill.requests-field", { place, field, expected }, HELP);
}
