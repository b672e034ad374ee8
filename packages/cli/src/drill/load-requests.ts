// What the load of a drill is made of: lines of a file, the file that a label of the app names, or the app's own example.
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { nearestName, type AppSpec, type AppStatus } from "@flyball/core";
import type { LoadRequest } from "@flyball/drill";
import { usageError } from "../messages/localised-error.ts";
import { TRY_LABEL } from "../up/things-to-try.ts";
import { parseRequestLine, type RequestLine } from "./request-line.ts";
import { parseTryRequest } from "./try-request.ts";

/** A label of a service: a file of requests, relative to the manifest. */
export const REQUESTS_LABEL = "flyball.requests";

const HELP = "flyball drill run --help";

/** Where requests may come from, and where they go. */
export interface RequestSource {
  readonly spec: AppSpec;
  readonly status: AppStatus;
  readonly manifestPath: string;
  readonly workingDirectory: string;
  /** `--requests` */
  readonly path: string | undefined;
  /** For model calls; made only when one is needed. */
  readonly modelKey: () => Promise<string>;
}

/** The requests, ready to be sent. FB_CLI_USAGE names file, line, field and remedy of what is wrong. */
export async function loadRequests(source: RequestSource): Promise<readonly LoadRequest[]> {
  const file = source.path === undefined ? labelledFile(source) : resolve(source.workingDirectory, source.path);
  if (file === undefined) return exampleRequests(source);
  const lines = readLines(file);
  const needsKey = lines.some(({ line }) => "model" in line);
  const key = needsKey ? await source.modelKey() : "";
  return lines.map(({ line, place }) => resolveLine(line, { ...source, place, key }));
}

function labelledFile({ spec, manifestPath }: RequestSource): string | undefined {
  const labels = Object.values(spec.services).map(({ labels: each }) => each[REQUESTS_LABEL]);
  const named = labels.find((label) => label !== undefined);
  return named === undefined ? undefined : resolve(dirname(manifestPath), named);
}

function readLines(file: string): readonly { readonly line: RequestLine; readonly place: string }[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw usageError("drill.requests-unreadable", { file, reason: (error as Error).message }, HELP);
  }
  const lines = text
    .split("\n")
    .map((line, index) => ({ text: line.trim(), place: `${file}:${index + 1}` }))
    .filter((each) => each.text !== "" && !each.text.startsWith("#"));
  if (lines.length === 0) throw usageError("drill.requests-empty", { file }, HELP);
  return lines.map(({ text: line, place }) => ({ line: parseRequestLine(line, place), place }));
}

function resolveLine(
  line: RequestLine,
  { status, place, key }: { readonly status: AppStatus; readonly place: string; readonly key: string },
): LoadRequest {
  if ("model" in line) {
    const model = status.models.find(({ name }) => name === line.model);
    if (model === undefined)
      throw unknownName(
        { place, field: "model", seen: line.model },
        status.models.map(({ name }) => name),
      );
    const { origin, pathname } = new URL(model.url);
    const { model: name, prompt, stream = false, maxTokens } = line;
    const body = {
      model: name,
      messages: [{ role: "user", content: prompt }],
      stream,
      ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
    };
    return {
      name: `${name} ${stream ? "stream" : "call"}`,
      origin,
      method: "POST",
      path: `${pathname.replace(/\/$/, "")}/chat/completions`,
      headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
      body: JSON.stringify(body),
    };
  }
  const reachable = status.services.filter(({ url }) => url !== undefined);
  const service = reachable.find((each) => each.service === line.service);
  if (service?.url === undefined)
    throw unknownName(
      { place, field: "service", seen: line.service },
      reachable.map((each) => each.service),
    );
  const { method = line.body === undefined ? "GET" : "POST", path, headers = {}, body } = line;
  return plainRequest(line.service, service.url, { method, path, headers, ...(body === undefined ? {} : { body }) });
}

function exampleRequests({ spec, status }: RequestSource): readonly LoadRequest[] {
  const published = status.services.flatMap((service) => {
    const ports = spec.services[service.service]?.ports ?? [];
    const isPublished = ports.some(({ protocol, published: port }) => protocol === "http" && port !== undefined);
    return service.url !== undefined && isPublished ? [{ service: service.service, url: service.url }] : [];
  });
  const requests = published.flatMap(({ service, url }) => {
    const label = spec.services[service]?.labels[TRY_LABEL];
    const request = label === undefined ? undefined : parseTryRequest(label);
    return request === undefined ? [] : [plainRequest(service, url, request)];
  });
  if (requests.length > 0) return requests;
  const [first] = published;
  if (first === undefined) throw usageError("drill.no-requests", {}, HELP);
  return [plainRequest(first.service, first.url, { method: "GET", path: "/", headers: {} })];
}

function plainRequest(service: string, url: string, request: Omit<LoadRequest, "name" | "origin">): LoadRequest {
  return { name: `${service} ${request.method} ${request.path}`, origin: new URL(url).origin, ...request };
}

function unknownName(
  { place, field, seen }: { readonly place: string; readonly field: string; readonly seen: string },
  known: readonly string[],
): Error {
  const near = nearestName(seen, known);
  return usageError("drill.requests-unknown", { place, field, seen, known: near ?? (known.join(", ") || "-") }, HELP);
}
