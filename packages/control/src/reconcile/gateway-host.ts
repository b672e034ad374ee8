// Brings the gateway's sockets and process to what a revision needs: binds at the keeper, starts the gateway, or has it replaced without
// a refused connection when its listeners or its size changed. A wished public port that is busy gives way to the next free one, and
// the program that holds it is named.
import type { Address, ListenerStatus } from "@flyball/core";
import { findPortHolder, type BoundListener, type KeeperClient } from "@flyball/wire";
import { createHash } from "node:crypto";
import { twinId, type WantedListener } from "../desired/listeners-of.ts";
import type { Store } from "../store/store.ts";

/** What came of the wishes. */
export interface HostedListeners {
  readonly bound: ReadonlyMap<string, Address>;
  readonly statuses: readonly ListenerStatus[];
}

/** The gateway's host. */
export interface GatewayHost {
  /** Idempotent: nothing is started again while listeners and workers are the same. */
  ensure(wanted: readonly WantedListener[], workers: number): Promise<HostedListeners>;
  /** The gateway cannot listen on this one (another program took the port in between): the next `ensure` takes a later port. */
  giveUp(id: string): Promise<void>;
}

/** Internal listeners stand in 15000–19999; each app and clone begins somewhere else, so that two rarely meet. */
const INTERNAL_FROM = 15_000;
const INTERNAL_SIZE = 5_000;
const TRY_NEXT = 200;
/** So that the gateway can replace a worker that died: its descriptors went with it. */
const SPARE_DESCRIPTORS = 2;
const PORTS_KEY = "listener-ports/2";
const RUNNING_KEY = "gateway-running";

/** What became of a wish; kept over restarts, so that internal ports stay. */
interface RememberedPort {
  readonly port: number;
  readonly wish: number;
  /** The port proved to be unusable: the search begins here, not at the wish. */
  readonly hasMoved: boolean;
}

/** A host that works through the keeper. */
export function createGatewayHost(options: {
  readonly keeper: KeeperClient;
  readonly store: Store;
  readonly tag: string;
  readonly argv: readonly string[];
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
}): GatewayHost {
  const { keeper, store } = options;

  const rememberedPorts = (): Record<string, RememberedPort> =>
    JSON.parse(store.meta.get(PORTS_KEY) ?? "{}") as Record<string, RememberedPort>;

  const bindAll = async (wanted: readonly WantedListener[]): Promise<HostedListeners> => {
    const remembered = rememberedPorts();
    const known = (await keeper.call("listeners", {})).listeners;
    const bound = new Map<string, Address>();
    const statuses: ListenerStatus[] = [];
    for (const wish of wanted) {
      const before = remembered[wish.id];
      const isSameWish = before?.wish === wish.port;
      const held = known.find((listener) => listener.id === wish.id);
      const isKept = isSameWish && held?.host === wish.host && held.port === before.port;
      const start = isSameWish && (wish.port === 0 || before.hasMoved) ? before.port : wish.port;
      const port = start === 0 ? internalStart(options.tag, wish.id) : start;
      const listener = isKept
        ? held
        : await keeper.call("bind", { id: wish.id, host: wish.host, port, tryNext: TRY_NEXT });
      remembered[wish.id] = { port: listener.port, wish: wish.port, hasMoved: false };
      bound.set(wish.id, { host: listener.host, port: listener.port });
      const hasMoved = wish.port !== 0 && listener.port !== wish.port;
      const holder = hasMoved ? findPortHolder(wish.host, wish.port) : undefined;
      statuses.push({
        id: wish.id,
        kind: wish.kind,
        address: { host: listener.host, port: listener.port },
        wishedPort: wish.port === 0 ? listener.port : wish.port,
        ...(holder === undefined ? {} : { holder: `${holder.command} (pid ${holder.pid})` }),
      });
      const twin = wish.twinHost === undefined ? undefined : await bindTwin(wish, listener.port);
      if (twin !== undefined) bound.set(twin.id, { host: twin.host, port: twin.port });
    }
    store.meta.put(PORTS_KEY, JSON.stringify(remembered));
    return { bound, statuses };
  };

  /** The twin is a convenience: a machine without IPv6 goes without. */
  const bindTwin = async (wish: WantedListener, port: number): Promise<BoundListener | undefined> => {
    try {
      return await keeper.call("bind", { id: twinId(wish.id), host: wish.twinHost ?? "::1", port, tryNext: 0 });
    } catch {
      return undefined;
    }
  };

  const unbindOthers = async (bound: ReadonlyMap<string, Address>): Promise<void> => {
    for (const { id } of (await keeper.call("listeners", {})).listeners) {
      if (!bound.has(id) && id !== "control") await keeper.call("unbind", { id });
    }
  };

  const ensureOnce = async (wanted: readonly WantedListener[], workers: number): Promise<HostedListeners> => {
    const hosted = await bindAll(wanted);
    const shape = JSON.stringify([[...hosted.bound], workers]);
    const running = (await keeper.call("system-list", {})).processes.some((process) => process.name === "gateway");
    if (running && store.meta.get(RUNNING_KEY) === shape) return hosted;
    await keeper.call("system-start", {
      name: "gateway",
      argv: options.argv,
      workingDirectory: options.workingDirectory,
      environment: { ...options.environment, FLYBALL_WORKERS: String(workers) },
      listeners: [...hosted.bound.keys()],
      copies: workers + SPARE_DESCRIPTORS,
    });
    store.meta.put(RUNNING_KEY, shape);
    await unbindOthers(hosted.bound);
    return hosted;
  };

  const giveUpOnce = async (id: string): Promise<void> => {
    const remembered = rememberedPorts();
    const before = remembered[id];
    if (before === undefined) return;
    remembered[id] = { ...before, port: before.port + 1, hasMoved: true };
    store.meta.put(PORTS_KEY, JSON.stringify(remembered));
    for (const name of [id, twinId(id)]) await keeper.call("unbind", { id: name }).catch(() => undefined);
  };

  // One after the other: two at once would both find no gateway and start two.
  let last: Promise<unknown> = Promise.resolve();
  return {
    ensure(wanted, workers) {
      const next = last.catch(() => undefined).then(() => ensureOnce(wanted, workers));
      last = next;
      return next;
    },
    giveUp(id) {
      const next = last.catch(() => undefined).then(() => giveUpOnce(id));
      last = next;
      return next;
    },
  };
}

function internalStart(tag: string, id: string): number {
  const hash = createHash("sha256").update(`${tag}/${id}`).digest();
  return INTERNAL_FROM + (hash.readUInt32BE(0) % (INTERNAL_SIZE - TRY_NEXT));
}
