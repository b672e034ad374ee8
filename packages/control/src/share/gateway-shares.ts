// Which gateways there are, and what each may use of the endpoints that they share. A gateway that is alone has the whole of every endpoint and
// reports nothing. With a second one both report what they hold and are told their parts; nobody gets more than he holds before all of them
// have reported. A lease ends `LEASE_MS` after the report that it answers; a gateway stops using it earlier (`GATEWAY_LEASE_MS`, counted from
// when it sent that report). What a gateway had is free then, or as soon as its process is known to be gone. What can be exceeded when one
// side does not hear the other stands in traffic/lease/share-in-force.ts.
//
// A control that starts anew knows no leases, but it knows which gateways there were (`known`): as long as one of them lives and has not reported,
// everybody keeps what he has.
import type { LinkFromControl, LinkFromGateway, ProcessIdentity } from "@flyball/core";
import { createEndpointBooks } from "./endpoint-books.ts";

/** A gateway that has not reported for so long has nothing any more. */
export const LEASE_MS = 5_000;
/** How long a gateway goes on with what it was told: shorter than `LEASE_MS`, whatever its clock does. */
export const GATEWAY_LEASE_MS = 4_000;

/** The connection of one gateway. */
export interface ShareLine {
  send(message: LinkFromControl): void;
}

/** The shares of all gateways. Bounded by the gateways and the endpoints that they name. */
export interface GatewayShares {
  /** A gateway has connected: how many share the endpoints now; undefined: it takes no leases. */
  join(line: ShareLine, hello: Extract<LinkFromGateway, { type: "hello" }>): number | undefined;
  /** What it says that it holds. What comes on an earlier connection of it is not heard. */
  report(line: ShareLine, use: Extract<LinkFromGateway, { type: "endpoint-use" }>): void;
  /** Its connection is closed. */
  leave(line: ShareLine): void;
}

/** What they are made with. */
export interface GatewaySharesOptions {
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly identify: (pid: number) => ProcessIdentity;
  readonly isAlive: (identity: ProcessIdentity) => boolean;
  /** Gateways of an earlier life of control. */
  readonly known: readonly ProcessIdentity[];
  /** Other gateways are there than before: for the next life of control. */
  readonly remember: (gateways: readonly ProcessIdentity[]) => void;
}

interface Member {
  readonly id: string;
  readonly identity: ProcessIdentity;
  line: ShareLine | undefined;
  /** When it reported last, or was asked to for the first time. */
  heardAt: number;
  hasReported: boolean;
  isAsked: boolean;
  /** It takes no new requests any more. */
  isLeaving: boolean;
  /** It holds nothing and wants nothing any more. */
  hasLeft: boolean;
}

/** Shares in which nobody takes part. */
export function createGatewayShares(options: GatewaySharesOptions): GatewayShares {
  const { now, isAlive } = options;
  const members = new Map<string, Member>();
  const books = createEndpointBooks();
  const startedAt = now();
  let known = options.known.filter(isAlive);
  let remembered = "";
  let isSharing = false;

  const memberOf = (line: ShareLine): Member | undefined => {
    for (const member of members.values()) if (member.line === line) return member;
    return undefined;
  };
  const isLiving = ({ line, heardAt, identity, hasLeft }: Member): boolean => {
    const isRecent = now() - heardAt < LEASE_MS;
    if (line === undefined) return isRecent && !hasLeft && isAlive(identity);
    return isRecent || !isSharing;
  };
  /** Those that live; begins to share when a second one comes, and ends it when the last but one is gone. */
  const look = (): Look => {
    const living = new Map([...members].filter(([, member]) => isLiving(member)));
    for (const [id, { line }] of members) {
      if (living.has(id)) continue;
      books.forget(id);
      if (line === undefined) members.delete(id);
    }
    known = now() - startedAt < LEASE_MS ? known.filter(isAlive) : [];
    const gateways = living.size + known.length;
    if (gateways > 1 && !isSharing) {
      isSharing = true;
      for (const member of living.values())
        Object.assign(member, { heardAt: now(), hasReported: false, isAsked: false });
    } else if (gateways <= 1 && isSharing) {
      isSharing = false;
      books.clear();
    }
    remember([...[...living.values()].map(({ identity }) => identity), ...known]);
    return { living, gateways };
  };
  const remember = (gateways: readonly ProcessIdentity[]): void => {
    const text = JSON.stringify(gateways);
    if (text === remembered) return;
    remembered = text;
    options.remember(gateways);
  };
  const isSettled = ({ living }: Look): boolean =>
    known.length === 0 && [...living.values()].every(({ hasReported }) => hasReported);
  const ask = (member: Member, gateways: number): void => {
    if (member.isAsked) return;
    member.isAsked = true;
    member.line?.send({ type: "use-wanted", gateways });
  };
  return {
    join(line, { gatewayId, pid }) {
      if (gatewayId === undefined) return undefined;
      const before = members.get(gatewayId);
      const identity = before?.identity ?? options.identify(pid);
      known = known.filter((each) => each.pid !== pid);
      const fresh = { line, heardAt: now(), hasReported: false, isAsked: false, isLeaving: false, hasLeft: false };
      const joined: Member = Object.assign(before ?? { id: gatewayId, identity }, fresh);
      members.set(gatewayId, joined);
      const { living, gateways } = look();
      // It says by itself what it holds, once it knows that it is not alone.
      if (gateways > 1)
        for (const member of living.values()) if (member !== joined && !member.hasReported) ask(member, gateways);
      return gateways;
    },
    report(line, { endpoints, isLeaving }) {
      const reporter = memberOf(line);
      if (reporter === undefined) return;
      const wasSettled = reporter.hasReported;
      reporter.heardAt = now();
      const seen = look();
      const { living, gateways } = seen;
      Object.assign(reporter, { hasReported: true, isAsked: false });
      reporter.isLeaving = isLeaving;
      reporter.hasLeft = isLeaving && endpoints.every(({ active }) => active === 0);
      const settled = isSettled(seen);
      const caller = {
        gateway: reporter.id,
        now: now(),
        endedAt: (id: string) => (living.has(id) ? undefined : now()),
        isSettled: settled,
        isLeaving,
      };
      const leases = isSharing ? books.report(endpoints, caller) : [];
      const leaving = [...living.values()].filter((member) => member.isLeaving).length;
      const count = { gateways, serving: gateways - leaving };
      line.send({ type: "leases", ...count, ttlMs: GATEWAY_LEASE_MS, endpoints: leases });
      if (!isSharing) return;
      const wanted = settled ? books.toAsk() : new Set<string>();
      for (const member of living.values()) {
        // Once all have reported, those that did so before may get more.
        const isDue = wanted.has(member.id) || !member.hasReported || (settled && !wasSettled);
        if (member !== reporter && isDue) ask(member, gateways);
      }
    },
    leave(line) {
      const member = memberOf(line);
      if (member === undefined) return;
      member.line = undefined;
      // As long as it was alone it had no lease: it has the whole, and will be back in a moment if it lives.
      if (!isSharing) member.heardAt = now();
      look();
    },
  };
}

interface Look {
  readonly living: ReadonlyMap<string, Member>;
  /** With those of an earlier life of control that may come yet. */
  readonly gateways: number;
}
