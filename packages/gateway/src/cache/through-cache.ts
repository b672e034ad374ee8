// The cache stage of a model call, after its limits were reserved and before anybody is asked.
import type { CallClient } from "../calls/call-client.ts";
import type { ModelCall } from "../calls/model-call.ts";
import type { AccountOpening } from "../calls/open-account.ts";
import { readCacheWish } from "./cache-control.ts";
import { recordAnswer } from "./record-answer.ts";
import { replayAnswer } from "./replay-answer.ts";
import { requestDigest } from "./request-digest.ts";

type OpenedAccount = Extract<AccountOpening, { kind: "opened" }>;

/** Headers that change what a backend of the same dialect answers. */
const TOLD_TO_BACKENDS = ["anthropic-version", "anthropic-beta", "openai-beta"] as const;

/**
 * The client that the call goes on with; undefined: it was answered. Calls that make or use state at a provider and forms are never kept:
 * an answer to the first names something that exists once, and two forms are hardly ever equal byte by byte.
 */
export function throughCache(
  call: ModelCall,
  client: CallClient,
  opening: OpenedAccount | undefined,
): CallClient | undefined {
  const { exchange, model, scan, face } = call;
  const { cache } = model.memory;
  if (!cache || !opening) return client;
  const { context, request } = exchange;
  const wish = scan.isStateful || face.isForm ? "pass-by" : readCacheWish(request.headers["cache-control"]);
  if (wish === "pass-by") {
    context.metrics.cacheLookups.series(model.name, "passed-by").add();
    return client;
  }
  const key = cacheKey(call, opening);
  const { store } = cache;
  const found = wish === "use" ? store.find(key, context.clock.monotonic()) : undefined;
  context.metrics.cacheLookups.series(model.name, found ? "hit" : wish === "use" ? "missed" : "refreshed").add();
  if (!found) return recordAnswer(client, exchange, { store, key, isStream: scan.isStream });
  replayAnswer(exchange, found);
  return undefined;
}

/** Whom it is for, what is asked, and in which form the answer goes out. A bound that a limit of the caller sets shortens the answer. */
function cacheKey(
  { exchange, model, scan, face, body, survey }: ModelCall,
  { account, maxTokens }: OpenedAccount,
): string {
  const { headers } = exchange.request;
  return requestDigest(
    [
      account.start.party.tenant,
      model.name,
      face.dialect.name,
      face.path,
      scan.isStream ? "stream" : "whole",
      scan.wantsUsage ? "with usage" : "without",
      String(maxTokens),
      ...TOLD_TO_BACKENDS.map((name) => String(headers[name] ?? "")),
    ],
    survey?.digest ?? body,
  );
}
