// Gives a kept answer again: the same bytes, a stream frame by frame, with headers of this request.
import type { Exchange } from "../stages/exchange.ts";
import { splitFrames } from "../stream/split-frames.ts";
import type { FoundAnswer } from "./response-store.ts";

/** The header that tells a client that nobody was asked. */
export const CACHE_HEADER = "x-flyball-cache";

/** Answers from the cache; the response ends with it. */
export function replayAnswer(exchange: Exchange, { answer, ageMs }: FoundAnswer): void {
  const { response, context, id } = exchange;
  const { contentType, bytes, isEvents } = answer;
  exchange.wasCached = true;
  exchange.firstContentAt = context.clock.monotonic();
  if (context.isDraining) response.shouldKeepAlive = false;
  const headers = [CACHE_HEADER, "hit", "age", String(Math.floor(ageMs / 1_000)), "x-request-id", id];
  if (contentType !== "") headers.push("content-type", contentType);
  headers.push("x-flyball-attempts", "0");
  if (!isEvents) {
    headers.push("content-length", String(bytes.length));
    response.writeHead(200, headers);
    response.end(bytes);
    return;
  }
  headers.push("cache-control", "no-cache");
  response.writeHead(200, headers);
  for (const frame of splitFrames(bytes)) response.write(frame);
  response.end();
}
