// The list of models that a key may use, in the form of the API that asks.
import type { Exchange } from "../stages/exchange.ts";

/** Answers the list, or one entry. The caller has checked that `only` is among the names. */
export function answerModels(exchange: Exchange, names: readonly string[], only: string | undefined): void {
  const { request, response, context } = exchange;
  const isAnthropic = request.headers["anthropic-version"] !== undefined;
  const created = context.startedAtSeconds;
  const entryOf = (name: string): object =>
    isAnthropic
      ? { type: "model", id: name, display_name: name, created_at: new Date(created * 1_000).toISOString() }
      : { id: name, object: "model", created, owned_by: "flyball" };
  const list = names.map(entryOf);
  const page = isAnthropic
    ? { data: list, has_more: false, first_id: names[0] ?? null, last_id: names.at(-1) ?? null }
    : { object: "list", data: list };
  const body = JSON.stringify(only === undefined ? page : entryOf(only));
  response.writeHead(200, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(body),
    "x-request-id": exchange.id,
  });
  response.end(body);
}
