// The headers of a model's answer: the backend's own where its bytes are passed on, ours where they were written anew, and what tells
// where the answer came from.
import { clientHeaders } from "../stages/response-headers.ts";
import type { Exchange } from "../stages/exchange.ts";
import type { ResponseHead } from "../upstream/upstream.ts";
import type { AnswerOrigin } from "./call-client.ts";

/** Flat list for `writeHead`, without a content length. */
export function answerHeaders(
  exchange: Exchange,
  head: ResponseHead,
  { backend, isTranslated }: AnswerOrigin,
  kind: "events" | "whole",
): string[] {
  const list = isTranslated ? ownHeaders(exchange, kind) : withoutLength(clientHeaders(head, exchange).list);
  list.push("x-flyball-backend", backend, "x-flyball-attempts", String(exchange.attemptsSent));
  const ms = Math.round((exchange.context.clock.monotonic() - exchange.startedAt) * 10) / 10;
  list.push("server-timing", `total;dur=${ms}`);
  return list;
}

function ownHeaders({ id }: Exchange, kind: "events" | "whole"): string[] {
  const type = kind === "events" ? "text/event-stream; charset=utf-8" : "application/json; charset=utf-8";
  const list = ["content-type", type, "x-request-id", id, "request-id", id];
  return kind === "events" ? [...list, "cache-control", "no-cache"] : list;
}

/** Usage that was stripped and answers that were held change the length; it is set anew where it is known. */
function withoutLength(list: string[]): string[] {
  for (let index = 0; index < list.length; index += 2) {
    if (list[index]?.toLowerCase() !== "content-length") continue;
    list.splice(index, 2);
    return list;
  }
  return list;
}
