// A bad release on the whole loop of control, on a fake clock and a fake driver: requests go where the newest snapshot says, and what became of them
// comes back as the gateway would tell it. The gateway's own ejections are left out: they can only lessen what fails.
import type { RequestEvidence } from "@flyball/core";
import { seededRandom } from "@flyball/fakes";
import { enqueue } from "../../../packages/control/src/create-control.ts";
import { createControlRig } from "../../../packages/control/src/testing/control-rig.ts";
import { makeService, makeSpec } from "../../../packages/control/src/testing/make-spec.ts";

const TICK_MS = 200;
const PAST_TICKS = 300;
const START_MS = 1_000;

/** What came of one. Times are milliseconds from the first request that failed. */
export interface PlayedRollBack {
  readonly class: string;
  readonly incidents: number;
  readonly verdictMs: number;
  /** No instance of the bad revision gets requests any more. */
  readonly overMs: number;
  readonly failed: number;
}

/** Plays one; undefined: not rolled back within the limit. */
export async function playRollBack(scene: {
  readonly seed: number;
  readonly errors: number;
  readonly perSecond: number;
  readonly limitMs: number;
}): Promise<PlayedRollBack | undefined> {
  const rig = await createControlRig({ knobs: () => ({ startDelayMs: START_MS, runCommand: () => GOOD }) });
  const { context } = rig.control;
  const random = seededRandom(scene.seed);
  const check = { command: ["check"], intervalMs: 1_000, timeoutMs: 500, retries: 3, startPeriodMs: 10_000 };
  const good = makeService("api", { replicas: 2, healthcheck: check });
  let firstBadAt: number | undefined;
  let failed = 0;
  const tick = async (): Promise<void> => {
    const endpoints = (rig.published.at(-1)?.pools[0]?.endpoints ?? []).filter(({ state }) => state === "serving");
    const counts = endpoints.map(() => ({ succeeded: 0, "server-error": 0 }));
    for (let request = 0; request < (scene.perSecond * TICK_MS) / 1_000; request += 1) {
      const place = Math.floor(random() * endpoints.length);
      const isBad = isOfBad(endpoints[place]?.id) && random() < scene.errors;
      if (counts[place] !== undefined) counts[place][isBad ? "server-error" : "succeeded"] += 1;
      if (isBad) failed += 1;
    }
    await rig.advance(TICK_MS);
    const now = rig.clock.now();
    for (const [place, { id }] of endpoints.entries()) {
      const outcomes = counts[place]!;
      if (outcomes["server-error"] > 0) firstBadAt ??= now;
      enqueue(context.state.inbox.signals, reportOf(id, now, outcomes));
    }
  };
  const isOfBad = (id: string | undefined): boolean =>
    context.state.table.of("api").some((one) => one.revision === 2 && id === `api/${one.ordinal}@${one.startedAt}`);
  try {
    await rig.apply(makeSpec([good]));
    await rig.advance(5_000);
    for (let count = 0; count < PAST_TICKS; count += 1) await tick();
    await rig.apply(makeSpec([{ ...good, environment: { RELEASE: "2" } }]));
    const limit = rig.clock.now() + scene.limitMs;
    while (rig.clock.now() < limit) {
      await tick();
      const isBack = (rig.store.revisions.latest()?.number ?? 0) > 2;
      const serving = rig.published.at(-1)?.pools[0]?.endpoints ?? [];
      if (!isBack || firstBadAt === undefined || serving.some(({ id, state }) => state === "serving" && isOfBad(id)))
        continue;
      const incidents = rig.store.incidents.list({ limit: 10 });
      const cause = incidents.find(({ actions }) => actions.some(({ rung }) => rung === "roll-back"));
      return {
        class: cause?.class ?? "none",
        incidents: incidents.length,
        verdictMs: (cause?.actedAt ?? 0) - firstBadAt,
        overMs: rig.clock.now() - firstBadAt,
        failed,
      };
    }
    return undefined;
  } finally {
    await rig.dispose();
  }
}

const GOOD = { code: 0, output: "", delayMs: 0 };

function reportOf(
  endpoint: string,
  to: number,
  outcomes: { succeeded: number; "server-error": number },
): RequestEvidence {
  const bad = outcomes["server-error"] === 0 ? {} : { firstBadAt: to, lastBadAt: to, lastFailure: "status 500" };
  return {
    kind: "requests",
    pool: "api",
    endpoint,
    from: to - TICK_MS,
    to,
    outcomes,
    inFlight: 0,
    latencySumMs: outcomes.succeeded * 20,
    latencyMaxMs: 20,
    ...(outcomes.succeeded === 0 ? {} : { lastGoodAt: to }),
    ...bad,
  };
}
