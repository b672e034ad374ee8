// Output of instances as NDJSON: the last lines of each merged by time, then, when followed, lines as they come, of instances that start
// later too. A reader that does not keep up is waited for: the lines stand in files, not in memory.
import { FlyballError, type LogLine } from "@flyball/core";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ControlContext } from "../control-context.ts";
import { instanceName, isOneOff } from "../observe/instance.ts";
import type { Place } from "../observe/instance-table.ts";

const NEW_INSTANCES_EVERY_MS = 300;

/** Answers GET /v1/logs. */
export async function streamLogs(
  context: ControlContext,
  url: URL,
  exchange: { readonly request: IncomingMessage; readonly response: ServerResponse },
): Promise<void> {
  const { response } = exchange;
  const service = url.searchParams.get("service");
  const wished = url.searchParams.get("instance");
  const tail = Math.min(100_000, Number(url.searchParams.get("tail") ?? 100) || 0);
  const isFollowing = url.searchParams.get("follow") === "true";
  const matches = (place: Place): boolean =>
    (service === null ? !isOneOff(place.service) : place.service === service) && (wished === null || instanceName(place) === wished);
  // Logs go by place: the newest handle shows the output of earlier lives too, and of an instance that is forgotten.
  const chosen = context.state.table.places().filter(matches);
  const isKnown = service === null || context.effective()?.spec.services[service] !== undefined || chosen.length > 0;
  if (!isKnown) throw new FlyballError("FB_CONTROL_NOT_FOUND", { what: "service", name: service ?? "", remedy: "Try: flyball ps" });
  response.writeHead(200, { "content-type": "application/x-ndjson; charset=utf-8", "cache-control": "no-store" });
  response.flushHeaders();

  const gone = new AbortController();
  response.on("close", () => gone.abort());
  const signal = AbortSignal.any([gone.signal, context.signal]);
  const past: LogLine[] = [];
  for (const instance of chosen) {
    for await (const line of context.driver.logs(instance.handle, { tail, isFollowing: false }, signal)) past.push(line);
  }
  for (const line of past.toSorted((a, b) => a.at - b.at)) await write(response, line);
  if (!isFollowing) {
    response.end();
    return;
  }
  await followAll(context, { response, signal, matches, initial: chosen });
  response.end();
}

async function followAll(
  context: ControlContext,
  options: {
    readonly response: ServerResponse;
    readonly signal: AbortSignal;
    readonly matches: (place: Place) => boolean;
    readonly initial: readonly Place[];
  },
): Promise<void> {
  const { response, signal } = options;
  const places = new Set<string>();
  const follow = async (instance: Place, tail: number): Promise<void> => {
    places.add(instanceName(instance));
    try {
      for await (const line of context.driver.logs(instance.handle, { tail, isFollowing: true }, signal)) await write(response, line);
    } catch {
      places.delete(instanceName(instance));
    }
  };
  for (const instance of options.initial) void follow(instance, 0);
  while (!signal.aborted) {
    for (const instance of context.state.table.all()) {
      if (options.matches(instance) && !places.has(instanceName(instance))) void follow(instance, 1_000);
    }
    await new Promise<void>((resolve) => {
      const cancel = context.clock.after(NEW_INSTANCES_EVERY_MS, resolve);
      signal.addEventListener("abort", () => (cancel(), resolve()), { once: true });
    });
  }
}

async function write(response: ServerResponse, line: LogLine): Promise<void> {
  if (response.destroyed) return;
  if (!response.write(`${JSON.stringify(line)}\n`)) await once(response, "drain", { signal: AbortSignal.timeout(60_000) }).catch(() => response.destroy());
}
