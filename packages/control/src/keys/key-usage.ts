// What keys have used, from the sums of the ledger. Sums are kept by day, so a span begins with the day in which it began.
import { FlyballError, type KeyUsage } from "@flyball/core";
import type { ControlContext } from "../control-context.ts";
import { createCivilDay } from "../ledger/civil-day.ts";
import { appTimeZone } from "../ledger/app-time-zone.ts";
import { findKey } from "./find-key.ts";

const DEFAULT_SPAN_MS = 7 * 86_400_000;

/** Answers GET /v1/keys/usage: sums by key, the key with the most calls first. FB_CONTROL_NOT_FOUND, FB_CONTROL_BAD_REQUEST. */
export function keyUsage(
  context: ControlContext,
  query: URLSearchParams,
): { readonly usage: readonly KeyUsage[]; readonly from: string } {
  const { keys } = context.state;
  const since = sinceOf(query.get("since"), context.clock.now());
  const from = createCivilDay()(since, appTimeZone(context.state.revision));
  const asked = query.get("key");
  const key = asked === null ? undefined : keyIdOf(context, asked);
  const names = new Map(keys.map(({ id, name }) => [id, name]));
  const sums = context.ledger?.usage({ by: ["key"], from, ...(key === undefined ? {} : { key }) }) ?? [];
  const usage = sums.map(({ group: [id = ""], ...rest }) => ({ key: id, name: names.get(id) ?? "", ...rest }));
  return { usage: usage.toSorted((a, b) => b.calls - a.calls), from };
}

/** Keys of services and of tokens have ids with a slash and are not in the list of keys. */
function keyIdOf(context: ControlContext, asked: string): string {
  return /^(?:service|jwt)\//.test(asked) ? asked : findKey(context.state.keys, asked).id;
}

function sinceOf(text: string | null, now: number): number {
  if (text === null) return now - DEFAULT_SPAN_MS;
  const since = Number(text);
  if (/^\d{1,15}$/.test(text) && since <= 8.64e15) return since;
  throw new FlyballError("FB_CONTROL_BAD_REQUEST", { reason: "since must be milliseconds since 1970" });
}
