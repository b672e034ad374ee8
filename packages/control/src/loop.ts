// The loop: measure, compare, correct. Every step stands here by name, in order; each is a function of its own and keeps nothing. A pass
// runs when something happened (`wake`) and at least every 250 ms; passes never overlap.
import type { ControlContext } from "./control-context.ts";
import { absorbDriverEvents } from "./detect/absorb-exits.ts";
import { absorbProbes, absorbUnprobed } from "./detect/absorb-probes.ts";
import { absorbRefusals, isHeldByRefusal } from "./detect/absorb-refusals.ts";
import { absorbSignals } from "./detect/absorb-signals.ts";
import { doubtOneself } from "./detect/doubt-oneself.ts";
import { runDetectors } from "./detect/run-detectors.ts";
import { isHeldByRelease } from "./detect/watch-releases.ts";
import { httpPools } from "./desired/listeners-of.ts";
import { expireOverrides } from "./desired/override-book.ts";
import { setProbeTargets } from "./observe/probe-targets.ts";
import { buildViews } from "./reconcile/build-views.ts";
import { nextActions, type DrainRules } from "./reconcile/next-actions.ts";
import { checkRecoveries } from "./recover/check-recoveries.ts";
import { forgetOneOffs } from "./recover/forget-one-offs.ts";
import { heal } from "./recover/heal.ts";
import { mayBegin } from "./recover/may-begin.ts";
import { execute } from "./recover/execute.ts";
import { takeInSpares } from "./recover/take-in-spares.ts";
import { reportStates } from "./report-states.ts";
import { scaleServices } from "./scale/scale-services.ts";
import { attempt, reportSeldom } from "./refused-steps.ts";
import { publishSnapshot } from "./snapshot/publish.ts";
import { keepOnDisk } from "./store/keep-on-disk.ts";

const PERIOD_MS = 250;
/** What happens together is seen together, and a pass that wakes itself cannot spin. */
const SETTLE_MS = 2;

/** The running loop. */
export interface Loop {
  wake(): void;
  /** No pass runs after this; the one under way ends first. */
  stop(): Promise<void>;
}

/** One pass, all steps in order. */
export async function pass(context: ControlContext, snapshotFile: string): Promise<void> {
  // observe and detect
  await absorbDriverEvents(context);
  absorbProbes(context);
  absorbUnprobed(context);
  absorbSignals(context);
  absorbRefusals(context);
  runDetectors(context);
  // desired
  // A step that the store refuses a change is done without: those after it keep the app running.
  const refused: unknown[] = [];
  attempt(() => expireOverrides(context), refused);
  attempt(() => scaleServices(context), refused);
  // decide
  attempt(() => heal(context, buildViews(context)), refused);
  const before = buildViews(context);
  const rules = drainRules(context);
  const actions = before
    .flatMap((view) => nextActions(view, context.clock.now(), rules))
    .filter((action) => mayBegin(context, action));
  // act
  execute(context, actions);
  forgetOneOffs(context);
  takeInSpares(context);
  publishSnapshot(context, snapshotFile);
  setProbeTargets(context);
  // report
  const after = buildViews(context);
  checkRecoveries(context, after);
  reportStates(context, after);
  context.notices?.pass();
  keepOnDisk(context, snapshotFile);
  if (refused.length > 0) throw refused[0];
}

/** Runs passes until it is stopped. A pass that fails is reported and the next one goes on. */
export function startLoop(
  context: ControlContext,
  options: { snapshotFile: string; onError: (error: unknown) => void },
): Loop {
  const report = reportSeldom(options.onError, context.clock);
  let isRunning = false;
  let isWanted = false;
  let isStopped = false;
  let underWay: Promise<void> = Promise.resolve();

  const run = async (): Promise<void> => {
    isWanted = false;
    try {
      await pass(context, options.snapshotFile);
    } catch (error) {
      report(error);
    }
    isRunning = false;
    if (isWanted) wake();
  };
  const wake = (): void => {
    isWanted = true;
    if (isRunning || isStopped) return;
    isRunning = true;
    context.clock.after(SETTLE_MS, () => {
      if (isStopped) return;
      underWay = run();
    });
  };
  let tickedAt = context.clock.monotonic();
  const cancel = context.clock.every(PERIOD_MS, () => {
    const lateMs = context.clock.monotonic() - tickedAt - PERIOD_MS;
    tickedAt += lateMs + PERIOD_MS;
    doubtOneself(context, lateMs);
    wake();
  });
  return {
    wake,
    async stop() {
      isStopped = true;
      cancel();
      await underWay;
    },
  };
}

function drainRules(context: ControlContext): DrainRules {
  const services = context.effective()?.spec.services ?? {};
  return {
    drainLimitMs: context.settings.drainLimitMs,
    isGatewayConnected: context.links.gateways().length > 0,
    isHeld(handle) {
      const instance = context.state.table.find(handle);
      return isHeldByRefusal(context, instance) || isHeldByRelease(context, instance);
    },
    poolsOf: (name) => {
      const service = services[name];
      return service === undefined ? [] : httpPools(service).map(({ pool }) => pool);
    },
  };
}
