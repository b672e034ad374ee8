// The request of a `flyball.try` label: a curl command, as far as load can be made of it.
import { splitCommand } from "../init/split-command.ts";

/** What such a command sends. */
export interface TryRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Reads `curl [-X method] [-H header]… [-d body] {url}/path`; undefined when it is something else. */
export function parseTryRequest(label: string): TryRequest | undefined {
  const [program, ...words] = splitCommand(label.replaceAll(/\$?\{url\}/g, "@url"));
  if (program !== "curl") return undefined;
  let method: string | undefined;
  let path: string | undefined;
  let body: string | undefined;
  const headers: Record<string, string> = {};
  for (let place = 0; place < words.length; place += 1) {
    const word = words[place] ?? "";
    const value = (): string => words[(place += 1)] ?? "";
    if (word === "-X" || word === "--request") method = value();
    else if (word === "-d" || word === "--data" || word === "--data-raw") body = value();
    else if (word === "-H" || word === "--header") {
      const [name = "", ...rest] = value().split(":");
      headers[name.trim().toLowerCase()] = rest.join(":").trim();
    } else if (word.startsWith("@url")) path = word.slice("@url".length) || "/";
    else if (!/^-[a-zA-Z]+$|^--(silent|include|no-buffer|fail)$/.test(word)) return undefined;
  }
  if (path === undefined) return undefined;
  if (body !== undefined) headers["content-type"] ??= "application/x-www-form-urlencoded";
  return {
    method: method ?? (body === undefined ? "GET" : "POST"),
    path,
    headers,
    ...(body === undefined ? {} : { body }),
  };
}
