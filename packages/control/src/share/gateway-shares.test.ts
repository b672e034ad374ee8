import type { EndpointUse, LinkFromControl, LinkFromGateway, ProcessIdentity } from "@flyball/core";
import { createFakeClock, type FakeClock } from "@flyball/fakes";
import { beforeEach, describe, expect, it } from "vitest";
import { createGatewayShares, LEASE_MS, type GatewayShares, type ShareLine } from "./gateway-shares.ts";

const WHOLE = 10;

/** A gateway that says what it holds whenever it is asked, and at once when its part becomes less. */
interface FakeGateway {
  readonly line: ShareLine;
  readonly told: LinkFromControl[];
  /** As it was told last; undefined: it is alone. */
  part: number | undefined;
  inUse: number;
  waiting: number;
  isLeaving: boolean;
  report(): void;
}

let clock: FakeClock;
let shares: GatewayShares;
let dead: Set<number>;
let remembered: readonly ProcessIdentity[];

const identify = (pid: number): ProcessIdentity => ({ pid, startTicks: 1, bootId: "b" });

function startControl(known: readonly ProcessIdentity[] = []): void {
  shares = createGatewayShares({
    now: clock.monotonic,
    identify,
    isAlive: ({ pid }) => !dead.has(pid),
    known,
    remember: (gateways) => void (remembered = gateways),
  });
}

const hello = (pid: number, gatewayId?: string): Extract<LinkFromGateway, { type: "hello" }> => ({
  type: "hello",
  protocol: "flyball.link/v1",
  generation: 1,
  pid,
  workers: 1,
  snapshotVersion: 1,
  ...(gatewayId === undefined ? {} : { gatewayId }),
});

/** `part`: what it holds before it is told anything. */
function connect(pid: number, part = 0, whole = WHOLE): FakeGateway {
  const told: LinkFromControl[] = [];
  const gateway: FakeGateway = {
    told,
    part,
    inUse: 0,
    waiting: 0,
    isLeaving: false,
    line: {
      send(message) {
        told.push(message);
        if (message.type === "use-wanted") gateway.report();
        if (message.type !== "leases") return;
        const before = gateway.part ?? whole;
        gateway.part = message.gateways === 1 ? undefined : (message.endpoints[0]?.slots ?? 0);
        if (gateway.part !== undefined && gateway.part < before) gateway.report();
      },
    },
    report() {
      const { inUse, waiting, isLeaving } = gateway;
      const held = Math.max(inUse, gateway.part ?? whole);
      const use: EndpointUse = { endpoint: "llm/0", active: inUse, slots: { whole, held, wanted: inUse + waiting } };
      shares.report(gateway.line, { type: "endpoint-use", isLeaving, endpoints: [use] });
    },
  };
  const gateways = shares.join(gateway.line, hello(pid, `g${pid}`));
  if (gateways === 1) gateway.part = undefined;
  else gateway.report();
  return gateway;
}

const partsOf = (...gateways: readonly FakeGateway[]): unknown => gateways.map(({ part }) => part);

beforeEach(() => {
  clock = createFakeClock();
  dead = new Set();
  remembered = [];
  startControl();
});

describe("gateways that share endpoints", () => {
  it("have the whole while they are alone, and are not asked for anything", async () => {
    const only = connect(1);
    await clock.advance(10 * LEASE_MS);
    expect([only.part, only.told]).toEqual([undefined, []]);
    expect(remembered).toEqual([identify(1)]);
  });

  it("halve it when a second one comes, as soon as the first one has said what it holds", () => {
    const first = connect(1);
    const second = connect(2);
    expect(partsOf(first, second)).toEqual([5, 5]);
    expect(remembered.map(({ pid }) => pid)).toEqual([1, 2]);
  });

  it("never have more than it together: what is in use is waited for", () => {
    const first = connect(1);
    first.inUse = 9;
    const second = connect(2);
    expect(partsOf(first, second)).toEqual([9, 1]);
    Object.assign(second, { waiting: 4 });
    second.report();
    expect(partsOf(first, second)).toEqual([6, 1]);
    first.inUse = 6;
    first.report();
    expect(partsOf(first, second)).toEqual([6, 4]);
  });

  it("give nobody anything before all have said what they hold", () => {
    const silent: ShareLine = { send: () => undefined };
    shares.join(silent, hello(1, "silent"));
    const second = connect(2);
    expect(second.part).toBe(0);
    expect(second.told.at(-1)).toMatchObject({ type: "leases", gateways: 2 });
  });

  it("give back what they had at the end of their lease, and at once when their process is gone", async () => {
    const first = connect(1);
    const second = connect(2);
    shares.leave(second.line);
    first.waiting = 20;
    first.report();
    expect(first.part).toBe(5);
    dead.add(2);
    first.report();
    expect(first.part).toBeUndefined();
    const third = connect(3);
    expect(partsOf(first, third)).toEqual([10 - third.inUse - (third.part ?? 0), third.part]);
    await clock.advance(LEASE_MS - 1);
    first.report();
    expect(first.part).not.toBeUndefined();
    await clock.advance(1);
    first.report();
    expect(first.part).toBeUndefined();
  });

  it("are heard again after they were silent for longer than a lease", async () => {
    const first = connect(1);
    const second = connect(2);
    await clock.advance(LEASE_MS);
    first.report();
    expect(first.part).toBeUndefined();
    second.report();
    expect(partsOf(first, second)).toEqual([5, 5]);
  });

  it("leave what they do not use to the next one when they end", () => {
    const first = connect(1);
    first.inUse = 3;
    const second = connect(2);
    first.isLeaving = true;
    first.report();
    second.report();
    expect(second.told.at(-1)).toMatchObject({ type: "leases", gateways: 2, serving: 1 });
    expect(partsOf(first, second)).toEqual([3, 7]);
    first.inUse = 0;
    first.report();
    shares.leave(first.line);
    second.report();
    expect(second.part).toBeUndefined();
  });

  it("are not heard on a connection that they have left for another one", () => {
    const first = connect(1);
    const second = connect(2);
    const lines: ShareLine = { send: (message) => first.line.send(message) };
    shares.join(lines, hello(1, "g1"));
    const before = first.told.length;
    first.report();
    shares.leave(first.line);
    expect(first.told.length).toBe(before);
    second.report();
    expect(second.told.at(-1)).toMatchObject({ gateways: 2 });
  });

  it("may be back in a moment when they were alone: the next one waits for them, if they live, no longer than for a lease", async () => {
    const first = connect(1);
    await clock.advance(10 * LEASE_MS);
    shares.leave(first.line);
    const second = connect(2);
    expect(second.part).toBe(0);
    await clock.advance(LEASE_MS);
    second.report();
    expect(second.part).toBeUndefined();
    shares.leave(second.line);
    dead.add(2);
    expect(connect(3).part).toBeUndefined();
  });

  it("of a version before leases count for nothing", () => {
    expect(shares.join({ send: () => undefined }, hello(7))).toBeUndefined();
    expect(connect(1).part).toBeUndefined();
  });
});

describe("a control that starts anew", () => {
  it("gives nobody more than he holds as long as a gateway that was there lives and has not reported", async () => {
    startControl([identify(1), identify(2)]);
    const first = connect(1, 4);
    first.waiting = 20;
    first.report();
    expect(first.part).toBe(4);
    const second = connect(2, 6);
    expect(partsOf(first, second)).toEqual([10, 0]);
    expect(remembered.map(({ pid }) => pid)).toEqual([1, 2]);
  });

  it("does not wait for one that is dead, and for others no longer than a lease lasts", async () => {
    dead.add(2);
    startControl([identify(1), identify(2), identify(3)]);
    const first = connect(1, 4);
    expect(first.part).toBe(4);
    await clock.advance(LEASE_MS);
    first.report();
    expect(first.part).toBeUndefined();
  });
});
