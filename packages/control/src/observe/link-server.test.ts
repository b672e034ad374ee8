import { LINK_PROTOCOL, type LinkFromControl, type LinkFromGateway, type Snapshot } from "@flyball/core";
import { createTemporaryFolder } from "@flyball/fakes";
import { dialJsonLines, type JsonLinesConnection } from "@flyball/wire";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createGatewayShares } from "../share/gateway-shares.ts";
import { createLinkServer, type LinkServer } from "./link-server.ts";

interface FakeGateway {
  readonly connection: JsonLinesConnection;
  /** Versions of the snapshots that came, in order. */
  readonly offered: number[];
  /** What each of them said to be spent. */
  readonly spent: Snapshot["spent"][];
  /** How many were said to share the endpoints. */
  readonly shared: (number | undefined)[];
  say(message: LinkFromGateway): void;
}

const snapshot = (version: number): Snapshot => ({ version }) as Snapshot;

let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let links: LinkServer;
let refused: string[];
let spent: NonNullable<Snapshot["spent"]> = [];
const gateways: FakeGateway[] = [];

async function start(stored?: Snapshot): Promise<void> {
  links = await createLinkServer(`${folder.path}/link.sock`, {
    events: {
      onSignals: () => undefined,
      onChange: () => undefined,
      onRefused: (version, reason) => void refused.push(`${version} ${reason}`),
      onListenFailed: () => undefined,
      spending: () => spent,
    },
    shares: createGatewayShares({
      now: () => performance.now(),
      identify: (pid) => ({ pid, startTicks: 0, bootId: "" }),
      isAlive: () => true,
      known: [],
      remember: () => undefined,
    }),
    stored,
  });
}

async function dial(snapshotVersion: number, gatewayId?: string): Promise<FakeGateway> {
  const connection = await dialJsonLines(`${folder.path}/link.sock`, new AbortController().signal);
  const offered: number[] = [];
  const told: Snapshot["spent"][] = [];
  const shared: (number | undefined)[] = [];
  connection.onMessage((message) => {
    const said = message as LinkFromControl;
    if (said.type === "welcome" || said.type === "use-wanted" || said.type === "leases") shared.push(said.gateways);
    if (said.type !== "snapshot") return;
    offered.push(said.snapshot.version);
    told.push(said.snapshot.spent);
  });
  const say = (message: LinkFromGateway): void => connection.send(message);
  const id = gatewayId === undefined ? {} : { gatewayId };
  say({ type: "hello", protocol: LINK_PROTOCOL, generation: 1, pid: 1, workers: 1, snapshotVersion, ...id });
  const gateway = { connection, offered, spent: told, shared, say };
  gateways.push(gateway);
  return gateway;
}

beforeEach(async () => {
  folder = await createTemporaryFolder();
  refused = [];
});

afterEach(async () => {
  for (const { connection } of gateways.splice(0)) connection.close();
  await links.close();
  await folder.dispose();
});

describe("the link server", () => {
  it("tells a gateway that dials what is spent by then, not what was when the snapshot was made", async () => {
    await start();
    const before = { limitId: "key:a usd/day", spent: 1, periodStart: 5 };
    links.publish({ ...snapshot(1), spent: [before] });
    spent = [{ ...before, spent: 9 }];
    const late = await dial(0);
    await expect.poll(() => late.spent).toEqual([spent]);
    spent = [];
    const last = await dial(0);
    await expect.poll(() => last.spent).toEqual([undefined]);
  });

  it("gives a gateway that comes anew what was served before the refused snapshot, and then that one", async () => {
    await start();
    links.publish(snapshot(1));
    const first = await dial(0);
    first.say({ type: "snapshot-applied", version: 1 });
    await expect.poll(() => links.served()?.version).toBe(1);
    links.publish(snapshot(2));
    first.say({ type: "snapshot-refused", version: 2, reason: "no" });
    await expect.poll(() => refused).toEqual(["2 no"]);
    expect(links.served()?.version).toBe(1);
    const second = await dial(0);
    await expect.poll(() => second.offered).toEqual([1, 2]);
    expect(first.offered).toEqual([1, 2]);
  });

  it("gives a gateway that comes anew only the newest when that is served", async () => {
    await start();
    links.publish(snapshot(1));
    const first = await dial(0);
    first.say({ type: "snapshot-applied", version: 1 });
    links.publish(snapshot(2));
    first.say({ type: "snapshot-applied", version: 2 });
    await expect.poll(() => links.served()?.version).toBe(2);
    const second = await dial(0);
    await expect.poll(() => second.offered).toEqual([2]);
  });

  it("tells gateways that take leases how many they are, asks the first one when a second comes, and answers it", async () => {
    await start();
    const [old, first] = [await dial(0), await dial(0, "first")];
    await expect.poll(() => [old.shared, first.shared]).toEqual([[undefined], [1]]);
    const second = await dial(0, "second");
    await expect.poll(() => [first.shared, second.shared]).toEqual([[1, 2], [2]]);
    first.say({ type: "endpoint-use", isLeaving: false, endpoints: [] });
    await expect.poll(() => first.shared).toEqual([1, 2, 2]);
    expect(old.shared).toEqual([undefined]);
  });

  it("knows after a restart of control what the gateway serves, from the stored snapshot of that version", async () => {
    await start(snapshot(7));
    await dial(7);
    await expect.poll(() => links.served()?.version).toBe(7);
    await dial(6);
    expect(links.served()?.version).toBe(7);
  });
});
