import { expect, it } from "vitest";
import { createOfferedLoadMeter, type OfferedLoad, type OfferedLoadMeter } from "./offered-load.ts";
import type { PoolSample } from "./pool-sample.ts";

function sample(second: number, change: Partial<PoolSample>): PoolSample {
  const requests = (change.load ?? 0) + (change.backlog ?? 0);
  return {
    at: second * 1_000,
    load: 0,
    backlog: 0,
    requests,
    arrived: 0,
    refused: 0,
    capacity: 4,
    serving: 1,
    ...change,
  };
}

function looks(
  meter: OfferedLoadMeter,
  from: number,
  to: number,
  change: Partial<PoolSample>,
): OfferedLoad | undefined {
  let last: OfferedLoad | undefined;
  for (let second = from; second <= to; second += 1) last = meter.add(sample(second, change));
  return last;
}

it("takes what is in flight for what comes while the pool keeps up, and learns the work of a request", () => {
  const meter = createOfferedLoadMeter();
  const seen = looks(meter, 0, 30, { load: 2, arrived: 20 });
  expect(seen).toMatchObject({ offered: 2, excess: 0 });
  expect(seen?.workMs).toBeCloseTo(100, -1);
});

it("splits a pile from what comes once it does not", () => {
  const meter = createOfferedLoadMeter();
  looks(meter, 0, 60, { load: 2, arrived: 20 });
  const { offered, excess } = meter.add(sample(61, { load: 4, backlog: 100, arrived: 60 }));
  expect(offered).toBeCloseTo(6, 0);
  expect(offered + excess).toBeCloseTo(104);
});

it("counts everything as offered while it knows no request's work", () => {
  expect(looks(createOfferedLoadMeter(), 0, 3, { load: 4, backlog: 9, arrived: 60 })).toMatchObject({
    offered: 13,
    excess: 0,
    workMs: 0,
  });
});

it("follows a workload whose requests become heavier", () => {
  const meter = createOfferedLoadMeter();
  looks(meter, 0, 60, { load: 1, arrived: 20 });
  expect(looks(meter, 61, 300, { load: 3, arrived: 20 })?.workMs).toBeCloseTo(150, -1);
});
