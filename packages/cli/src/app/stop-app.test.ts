import type { ControlClient } from "@flyball/client";
import { FlyballError } from "@flyball/core";
import { createFakeClock } from "@flyball/fakes";
import type { KeeperClient } from "@flyball/wire";
import { expect, test } from "vitest";
import { stopApp } from "./stop-app.ts";

/** Above the highest number that a process may have. */
const NOBODY = 2 ** 30;

/** A keeper that is gone when the test says so, or once it was told to shut down. */
function fakeKeeper(): { keeper: KeeperClient; shutdowns: number[]; leave: () => void } {
  const shutdowns: number[] = [];
  const gone = Promise.withResolvers<void>();
  const keeper = {
    keeper: { pid: NOBODY },
    onClose: (listener: () => void) => void gone.promise.then(listener),
    call: async (_method: string, { graceMs }: { graceMs: number }) => {
      shutdowns.push(graceMs);
      gone.resolve();
      throw new FlyballError("FB_KEEPER_UNREACHABLE", { path: "" });
    },
  } as unknown as KeeperClient;
  return { keeper, shutdowns, leave: () => gone.resolve() };
}

const control = (down: () => Promise<void>): ControlClient => ({ down }) as unknown as ControlClient;
const hurry = new AbortController().signal;

test("control ends the app in order and the keeper goes with it; nothing is killed", async () => {
  const { keeper, shutdowns, leave } = fakeKeeper();
  let reason: string | undefined;
  const asked = Promise.withResolvers<void>();
  const down = async (request?: { reason?: string }): Promise<void> => {
    reason = request?.reason;
    asked.resolve();
  };
  let isDone = false;
  const clock = createFakeClock(0);
  const stopping = stopApp({ keeper, control: control(down), reason: "end", clock, hurry }).then(() => (isDone = true));
  await asked.promise;
  expect(isDone).toBe(false);
  leave();
  await stopping;
  expect([reason, shutdowns, clock.pendingTimers()]).toEqual(["end", [], 0]);
});

test("without control, or with one that does not answer, the keeper ends everything itself", async () => {
  const refused = control(async () => Promise.reject(new FlyballError("FB_CONTROL_UNREACHABLE", { url: "" })));
  for (const missing of [undefined, refused]) {
    const { keeper, shutdowns } = fakeKeeper();
    await stopApp({ keeper, control: missing, reason: "end", clock: createFakeClock(0), hurry });
    expect(shutdowns).toEqual([5_000]);
  }
});

test("a second Ctrl-C kills what is left at once", async () => {
  const { keeper, shutdowns } = fakeKeeper();
  const hurrying = new AbortController();
  const down = async (): Promise<void> => hurrying.abort();
  await stopApp({ keeper, control: control(down), reason: "end", clock: createFakeClock(0), hurry: hurrying.signal });
  expect(shutdowns).toEqual([0]);
});

test("a stop that hangs is ended by force after two minutes", async () => {
  const { keeper, shutdowns } = fakeKeeper();
  const clock = createFakeClock(0);
  const stopping = stopApp({ keeper, control: control(async () => undefined), reason: "end", clock, hurry });
  await clock.advance(119_999);
  expect(shutdowns).toEqual([]);
  await clock.advance(1);
  await stopping;
  expect(shutdowns).toEqual([0]);
});
