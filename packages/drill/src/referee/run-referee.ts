// The referee as a process: it gets its order from the process that forked it, does one run after the other, and ends with that process. A fault
// that is in force then is undone first.
import { isFlyballError } from "@flyball/core";
import { InjectionRefused } from "../injector-reason.ts";
import type { ChangeMaker } from "./change-injector.ts";
import { createControlReader } from "./control-reader.ts";
import type { DrillReason } from "./drill-reason.ts";
import type { RefereeCall, RefereeOrder, RefereeWord } from "./referee-order.ts";
import type { RunHands } from "./run-hands.ts";
import { createRemoteChanges } from "./remote-changes.ts";
import { runRound } from "./run-round.ts";

/** The channel to the process that forked it. */
export interface RefereeChannel {
  send(word: RefereeWord): void;
  onCall(listener: (call: RefereeCall) => void): void;
  /** The other process is gone. */
  onClose(listener: () => void): void;
}

/** Serves one order; resolves when all is done, undone and told. */
export async function runReferee(channel: RefereeChannel, hands: RunHands): Promise<void> {
  const stopping = new AbortController();
  const begun = Promise.withResolvers<RefereeOrder | undefined>();
  const stop = (): void => {
    begun.resolve(undefined);
    stopping.abort(new Error("the drill was stopped"));
  };
  channel.onClose(stop);
  const changes = createRemoteChanges((word) => channel.send(word));
  channel.onCall((call) => {
    if (call.call === "begin") begun.resolve(call.order);
    else if (call.call === "changed") changes.onCall(call);
    else stop();
  });
  const order = await begun.promise;
  if (order === undefined) return;
  channel.send({
    word: "end",
    reason: await runAll(channel, {
      order,
      hands,
      signal: stopping.signal,
      changes: order.mayChange ? changes.maker : undefined,
    }),
  });
}

async function runAll(
  channel: RefereeChannel,
  options: {
    readonly order: RefereeOrder;
    readonly hands: RunHands;
    readonly signal: AbortSignal;
    readonly changes: ChangeMaker | undefined;
  },
): Promise<"done" | "stopped" | "app-gone"> {
  const { order, hands, signal, changes } = options;
  const control = createControlReader(order.control);
  for (const planned of order.runs) {
    try {
      const run = await runRound({
        order,
        planned,
        hands,
        control,
        signal,
        changes,
        onPhase: (phase, detail) => channel.send({ word: "phase", index: planned.index, phase, detail }),
      });
      channel.send({ word: "run", run });
      if (run.appEndedAt !== undefined) return "app-gone";
    } catch (error) {
      if (signal.aborted) return "stopped";
      channel.send({
        word: "failure",
        index: planned.index,
        reason: failureReason(error),
      });
      return "app-gone";
    }
  }
  return "done";
}

/** Why a fault could not be made, where that is known; else the words of what went wrong. */
function failureReason(error: unknown): DrillReason {
  for (let each = error; each instanceof Error; each = each.cause)
    if (each instanceof InjectionRefused) return { code: "cannot-inject", why: each.why };
  const words = error instanceof Error ? error.message : String(error);
  if (isFlyballError(error, "FB_DRILL_UNDO")) {
    return { code: "not-undone", words: error.cause instanceof Error ? error.cause.message : words };
  }
  return { code: "broke-off", words };
}
