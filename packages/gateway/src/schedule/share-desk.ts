// Tells control what this gateway holds of the endpoints that it shares with others, and takes what it is lent. One report is under way at a time:
// so what control knows to be held here is never less than what is. Alone nothing is said.
import type { Clock, EndpointUse, LinkFromControl, LinkFromGateway } from "@flyball/core";
import { NO_LIMIT, type EndpointBook } from "@flyball/traffic";
import type { EndpointLimitsWriter } from "./endpoint-limits.ts";
import type { EndpointShares, EndpointUnits } from "./endpoint-shares.ts";

/** A lease is renewed this often, whether anything has changed or not. */
export const RENEW_EVERY_MS = 1_000;
/** What has changed is said no sooner after the last time. */
const CHANGES_EVERY_MS = 100;
/** With many endpoints it is said less often: some two thousand of them a second. */
const MS_AN_ENDPOINT = 0.5;

/** The desk. */
export interface ShareDesk {
  /** The link stands; `gateways` share the endpoints (undefined: control leases nothing). */
  onWelcome(gateways: number | undefined): void;
  /** Control says something of shares. */
  onMessage(message: Extract<LinkFromControl, { type: "use-wanted" | "leases" }>): void;
  /** There is no link. */
  onAway(): void;
  /** The endpoints are others than before. */
  onEndpoints(): void;
  /** Renews, and says what has changed. Called ten times a second. */
  look(): void;
  /** No new requests come: what is in use is given back as it ends. */
  leave(): void;
}

/** What it is made with. */
export interface ShareDeskOptions {
  readonly clock: Clock;
  readonly shares: EndpointShares;
  readonly limits: Pick<EndpointLimitsWriter, "wholes" | "refresh">;
  readonly book: Pick<EndpointBook, "active" | "kvTokens">;
  /** Requests that wait for a pool. */
  readonly waiting: (pool: string) => number;
  /** False: there is no link. */
  readonly send: (message: LinkFromGateway) => boolean;
}

/** Creates it. */
export function createShareDesk(options: ShareDeskOptions): ShareDesk {
  const { clock, shares, limits, send } = options;
  /** When the report under way was sent. */
  let sentAt: number | undefined;
  let saidAt = Number.NEGATIVE_INFINITY;
  let said = "";
  let isLeaving = false;
  const report = (): void => {
    if (!shares.isShared || sentAt !== undefined) return;
    // What the workers may use is written before it is said: from here on they use no more than that.
    limits.refresh();
    const endpoints = usesOf(options);
    const now = clock.monotonic();
    if (!send({ type: "endpoint-use", isLeaving, endpoints })) return;
    sentAt = saidAt = now;
    said = newsOf(endpoints);
  };
  const meet = (gateways: number | undefined): void => {
    shares.meet(gateways, () => unitsInUse(options));
    limits.refresh();
    report();
  };
  return {
    onWelcome(gateways) {
      sentAt = undefined;
      meet(gateways);
    },
    onMessage(message) {
      if (message.type === "use-wanted") {
        meet(message.gateways);
        return;
      }
      if (sentAt === undefined) return;
      const isLess = shares.take(message, sentAt);
      sentAt = undefined;
      limits.refresh();
      // Others wait for what is given back.
      if (isLess) report();
    },
    onAway() {
      sentAt = undefined;
      shares.away();
      limits.refresh();
    },
    onEndpoints: report,
    look() {
      shares.look();
      if (!shares.isShared || sentAt !== undefined) return;
      const sinceMs = clock.monotonic() - saidAt;
      if (sinceMs >= RENEW_EVERY_MS) report();
      else if (sinceMs >= CHANGES_EVERY_MS) {
        const uses = usesOf(options);
        if (sinceMs >= uses.length * MS_AN_ENDPOINT && newsOf(uses) !== said) report();
      }
    },
    leave() {
      isLeaving = true;
      report();
    },
  };
}

function usesOf({ shares, limits, book, waiting }: ShareDeskOptions): readonly EndpointUse[] {
  const wholes = limits.wholes();
  const serving = new Map<string, number>();
  for (const { pool } of wholes) serving.set(pool, (serving.get(pool) ?? 0) + 1);
  return wholes
    .filter(({ slots, memoryTokens }) => slots !== NO_LIMIT || memoryTokens !== NO_LIMIT)
    .map(({ endpoint, pool, column, slots, memoryTokens }) => {
      const [active, kvTokens, queued] = [book.active(column), book.kvTokens(column), waiting(pool)];
      const heldSlots = Math.max(active, shares.part(endpoint, "slots", slots));
      const heldTokens = Math.max(kvTokens, shares.part(endpoint, "memoryTokens", memoryTokens));
      const wantedSlots = active + Math.ceil(queued / (serving.get(pool) ?? 1));
      // What those need who wait is not known here.
      const wantedTokens = queued > 0 ? Math.max(kvTokens, memoryTokens) : kvTokens;
      return {
        endpoint,
        active,
        ...(slots === NO_LIMIT ? {} : { slots: { whole: slots, held: heldSlots, wanted: wantedSlots } }),
        ...(memoryTokens === NO_LIMIT
          ? {}
          : { memoryTokens: { whole: memoryTokens, held: heldTokens, wanted: wantedTokens } }),
      };
    });
}

/** All that control does not know by what it has lent. */
function newsOf(uses: readonly EndpointUse[]): string {
  return JSON.stringify(uses, (name, value: unknown) => (name === "held" ? undefined : value));
}

function unitsInUse({ limits, book }: ShareDeskOptions): ReadonlyMap<string, EndpointUnits> {
  return new Map(
    limits
      .wholes()
      .map(({ endpoint, column }) => [endpoint, { slots: book.active(column), memoryTokens: book.kvTokens(column) }]),
  );
}
