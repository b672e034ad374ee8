// Output of instances as NDJSON: the last lines of each merged by time, then, when followed, lines as they come, of instances that start
// later too. A reader that does not keep up is waited for: the lines stand in files, not in memory.
import { FlyballError, sleep, type Clock, type LogLine } from "@flyball/core";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ControlContext } from "../control-context.ts";
import { instanceName, isOneOff } from "../observe/instance.ts";
import type { Place } from "../observe/instance-table.ts";

const NEW_INSTANCES_EVERY_MS = 300;
const BEGINNING_LIMIT_MS = 500;
const QUIET_MS = 50;
const LOOK_MS = 10;

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
    (service === null ? !isOneOff(place.service) : place.service === service) &&
    (wished === null || instanceName(place) === wished);
  // Logs go by place: the newest handle shows the output of earlier lives too, and of an instance that is forgotten.
  const chosen = context.state.table.places().filter(matches);
  const isKnown = service === null || context.effective()?.spec.services[service] !== undefined || chosen.length > 0;
  if (!isKnown)
    throw new FlyballError("FB_CONTROL_NOT_FOUND", { what: "service", name: service ?? "", remedy: "Try: flyball ps" });
  response.writeHead(200, { "content-type": "application/x-ndjson; charset=utf-8", "cache-control": "no-store" });
  response.flushHeaders();

  const gone = new AbortController();
  response.on("close", () => gone.abort());
  const signal = AbortSignal.any([gone.signal, context.signal]);
  if (isFollowing) await followAll(context, { response, signal, matches, tail });
  else await writePast(context, { response, signal, chosen, tail });
  response.end();
}

async function writePast(
  context: ControlContext,
  options: {
    readonly response: ServerResponse;
    readonly signal: AbortSignal;
    readonly chosen: readonly Place[];
    readonly tail: number;
  },
): Promise<void> {
  const { response, signal, chosen, tail } = options;
  const past: LogLine[] = [];
  for (const { handle } of chosen) {
    for await (const line of context.driver.logs(handle, { tail, isFollowing: false }, signal)) past.push(line);
  }
  for (const line of past.toSorted((a, b) => a.at - b.at)) await write(response, line);
}

async function followAll(
  context: ControlContext,
  options: {
    readonly response: ServerResponse;
    readonly signal: AbortSignal;
    readonly matches: (place: Place) => boolean;
    readonly tail: number;
  },
): Promise<void> {
  const { clock, driver, state } = context;
  const { response, signal, matches, tail } = options;
  const beginning = createBeginning(clock, response);
  const places = new Set<string>();
  const follow = async (place: Place, lines: number): Promise<void> => {
    places.add(instanceName(place));
    try {
      for await (const line of driver.logs(place.handle, { tail: lines, isFollowing: true }, signal))
        await beginning.take(line);
    } catch {
      places.delete(instanceName(place));
    }
  };
  for (const place of state.table.places().filter(matches)) void follow(place, tail);
  await beginning.over(signal);
  while (!signal.aborted) {
    for (const instance of state.table.all()) {
      if (matches(instance) && !places.has(instanceName(instance))) void follow(instance, 1_000);
    }
    await sleep(clock, NEW_INSTANCES_EVERY_MS, signal).catch(() => undefined);
  }
}

interface Beginning {
  /** Keeps the line while the beginning lasts, then writes it. */
  take(line: LogLine): Promise<void>;
  /** Writes what was kept, merged by time, once no line came for a moment. */
  over(signal: AbortSignal): Promise<void>;
}

/**
 * Each place is followed from its tail on, so that no line falls between the two; the tails are held back until they can be merged.
 * Bounded by the tails and what is written in half a second.
 */
function createBeginning(clock: Clock, response: ServerResponse): Beginning {
  const kept: LogLine[] = [];
  let isOver = false;
  let lastAt = clock.monotonic();
  return {
    async take(line) {
      if (isOver) return write(response, line);
      lastAt = clock.monotonic();
      kept.push(line);
    },
    async over(signal) {
      const latest = clock.monotonic() + BEGINNING_LIMIT_MS;
      while (!signal.aborted && clock.monotonic() < Math.min(latest, lastAt + QUIET_MS))
        await sleep(clock, LOOK_MS, signal).catch(() => undefined);
      while (kept.length > 0)
        for (const line of kept.splice(0).toSorted((a, b) => a.at - b.at)) await write(response, line);
      isOver = true;
    },
  };
}

async function write(response: ServerResponse, line: LogLine): Promise<void> {
  if (response.destroyed) return;
  if (!response.write(`${JSON.stringify(line)}\n`))
    await once(response, "drain", { signal: AbortSignal.timeout(60_000) }).catch(() => response.destroy());
}
