// The events of the app as one SSE stream that can be taken up again: `id` is the sequence number, `after` or Last-Event-ID says from
// where. A follower that reads too slowly is cut off at 1 MiB and comes back with its last id, so nothing is lost and memory is bounded.
import type { AppEvent } from "@flyball/core";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { NewEvent, Store } from "../store/store.ts";

/** Stores events and hands them to followers. */
export interface EventHub {
  emit(event: NewEvent): void;
  after(sequence: number): readonly AppEvent[];
  last(): number;
  follow(listener: (event: AppEvent) => void): () => void;
}

const PAGE = 1_000;
const SLOW_READER_BYTES = 1024 * 1024;
const KEEP_ALIVE_MS = 10_000;

/** A hub over the store. */
export function createEventHub(store: Store, now: () => number): EventHub {
  const followers = new Set<(event: AppEvent) => void>();
  return {
    emit(event) {
      const stored = store.events.append(event, now());
      for (const follower of followers) follower(stored);
    },
    after: (sequence) => store.events.after(sequence, PAGE),
    last: () => store.events.lastSequence(),
    follow(listener) {
      followers.add(listener);
      return () => void followers.delete(listener);
    },
  };
}

/** Answers GET /v1/events. Without `after` it begins with what happens now. */
export function streamEvents(
  hub: EventHub,
  url: URL,
  exchange: { readonly request: IncomingMessage; readonly response: ServerResponse },
): void {
  const { request, response } = exchange;
  const wished = request.headers["last-event-id"] ?? url.searchParams.get("after");
  let sent = wished === null || wished === undefined ? hub.last() : Number(wished) || 0;
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store" });
  response.flushHeaders();
  const send = (event: AppEvent): void => {
    if (event.sequence <= sent) return;
    sent = event.sequence;
    response.write(`id: ${event.sequence}\nevent: ${event.event}\ndata: ${JSON.stringify(event)}\n\n`);
    if (response.writableLength > SLOW_READER_BYTES) response.destroy();
  };
  for (let page = hub.after(sent); page.length > 0; page = hub.after(sent)) page.forEach(send);
  const unfollow = hub.follow(send);
  const keepAlive = setInterval(() => response.write(": keep-alive\n\n"), KEEP_ALIVE_MS);
  keepAlive.unref();
  response.on("close", () => {
    unfollow();
    clearInterval(keepAlive);
  });
}
