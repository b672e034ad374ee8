// Chooses free ports for instances: outside the kernel's range for outgoing connections, not listened on, not given lately. The search
// begins at a hash of what the port is for, so that clones of an app rarely meet; a meeting costs the next port and nothing else.
import { createHash } from "node:crypto";
import { FlyballError, type Clock } from "@flyball/core";
import type { PortProbe, PortRange } from "./port-probe.ts";

/** A port just given is not given again for this long: its instance may not listen yet, and old clients may still dial it. */
const REST_MS = 60_000;
/** Bind tests for one choice; each means that somebody took the port in the last moment. */
const MAX_TESTS = 200;

/** What a port is wanted for. */
export interface PortWish {
  readonly service: string;
  readonly host: string;
  /** Where the search begins. */
  readonly key: string;
  /** Ports that are spoken for, listened on or not. */
  readonly excluded: ReadonlySet<number>;
}

/** Gives ports. */
export interface PortAllocator {
  /** FB_DRIVER_NO_PORT when there is none; FB_DRIVER_START_FAILED when this machine has no such host. */
  choose(wish: PortWish): Promise<number>;
}

/** Remembers at most the ports of the range. */
export function createPortAllocator(options: {
  readonly range: PortRange;
  readonly probe: PortProbe;
  readonly clock: Clock;
}): PortAllocator {
  const { range, probe, clock } = options;
  const givenAt = new Map<number, number>();

  async function choose({ service, host, key, excluded }: PortWish): Promise<number> {
    const [listening, ephemeral] = await Promise.all([probe.listening(), probe.ephemeral()]);
    const candidates = candidatePorts(range, ephemeral);
    const begin = createHash("sha256").update(key).digest().readUInt32BE(0) % candidates.length;
    let tests = 0;
    for (let step = 0; step < candidates.length && tests < MAX_TESTS; step++) {
      const port = candidates[(begin + step) % candidates.length]!;
      const rested = clock.monotonic() - (givenAt.get(port) ?? Number.NEGATIVE_INFINITY) >= REST_MS;
      if (!rested || listening.has(port) || excluded.has(port)) continue;
      // Before the test, so that a second choice in the meantime does not come to the same port.
      givenAt.set(port, clock.monotonic());
      tests += 1;
      const problem = await probe.listenProblem(host, port);
      if (problem === undefined) return port;
      if (problem !== "EADDRINUSE") throw cannotListen(service, host, port, problem);
    }
    throw new FlyballError("FB_DRIVER_NO_PORT", { service, from: range.from, to: range.to });
  }

  return { choose };
}

/** The error for a host or port that cannot be listened on, whoever holds it. */
export function cannotListen(service: string, host: string, port: number, problem: string): FlyballError {
  return new FlyballError("FB_DRIVER_START_FAILED", {
    service,
    reason: `it cannot listen on ${host} port ${port} (${problem})`,
  });
}

/** The range without the ephemeral one; the whole range when nothing would be left. */
export function candidatePorts(range: PortRange, ephemeral: PortRange | undefined): readonly number[] {
  const all = Array.from({ length: range.to - range.from + 1 }, (_, index) => range.from + index);
  const outside = ephemeral ? all.filter((port) => port < ephemeral.from || port > ephemeral.to) : all;
  return outside.length > 0 ? outside : all;
}
