import type { Snapshot } from "@flyball/core";
import { createFakeClock } from "@flyball/fakes";
import { createLogger } from "@flyball/telemetry";
import { beforeEach, describe, expect, it } from "vitest";
import { inFlightTableBytes, wrapInFlightTable } from "../shared/in-flight-table.ts";
import { endpoint, pool, snapshot } from "../testdata/snapshots.ts";
import { createSnapshotHolder, type SnapshotHolder } from "./snapshot-holder.ts";

let holder: SnapshotHolder;
let applied: number[];

beforeEach(() => {
  applied = [];
  const clock = createFakeClock();
  holder = createSnapshotHolder({
    workers: 1,
    inFlight: wrapInFlightTable(new SharedArrayBuffer(inFlightTableBytes(1))),
    schedule: { onNewColumn: () => undefined, begin: () => ({}), served: () => undefined },
    compileLimits: () => ({}),
    clock,
    logger: createLogger({ clock, level: "error", write: () => undefined }),
    readSecrets: async () => ({}),
    openAdmin: async () => undefined,
    send(worker, message) {
      if (message.type !== "serve") return;
      const { version, hash } = message.prepared.snapshot;
      queueMicrotask(() => holder.onWorkerMessage(worker, { type: "applied", version, hash }));
    },
    onApplied: ({ version }) => void applied.push(version),
    onRefused: () => undefined,
  });
});

const of = (version: number): Snapshot =>
  snapshot(version, { pools: [pool("a", [endpoint(`a/0@${version}`, 20_000 + version)])] });
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("the snapshot of the file", () => {
  it("is served until control speaks", async () => {
    holder.offerStored(of(7));
    await settled();
    holder.offer(of(8));
    await settled();
    expect(applied).toEqual([7, 8]);
  });

  it("is of no interest when it was read only after control had spoken", async () => {
    holder.offer(of(8));
    holder.offerStored(of(7));
    await settled();
    holder.offerStored(of(7));
    await settled();
    expect(applied).toEqual([8]);
    expect(holder.current?.version).toBe(8);
  });
});
