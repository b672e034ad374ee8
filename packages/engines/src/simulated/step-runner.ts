// Runs the batch's steps in wall time, or in a time that runs faster: it begins a step, waits as long as the step takes, hands
// out the tokens, and goes on while there is work. Steps follow one another in the engine's own time, so that timers
// that come late or are too coarse for a fast engine do not add up: what they missed is done at once.

import type { Batch, Sequence } from "@flyball/engine-model";
import type { EngineClock } from "../openai/engine-clock.ts";
import type { Ticket } from "./ticket.ts";

/** What a runner needs. */
export interface StepRunnerOptions {
  readonly batch: Batch;
  readonly clock: EngineClock;
  /** Milliseconds of the engine in a millisecond of the clock. */
  readonly speed: number;
}

/** The running engine. It holds a timer only while there is work. */
export interface StepRunner {
  /** The engine's time in milliseconds. */
  now(): number;
  /** Takes a ticket that the batch has room for; tickets come in the order in which they are due. */
  arrive(ticket: Ticket): void;
  /** It leaves at once, wherever it is. */
  leave(ticket: Ticket): void;
  /** Tickets that the scheduler has not seen: it looks between steps. With `dueOnly`, those that it could see. */
  arriving(dueOnly: boolean): number;
}

/** How far late timers are made up for, in milliseconds of the clock: a busy machine's stalls, not its sleep. */
const maxCatchUpMs = 250;
/** Steps that one timer may end: between timers requests are read and answers sent. */
const maxStepsAtOnce = 1000;

/** Creates an idle runner; nobody else may step the batch. */
export function createStepRunner({ batch, clock, speed }: StepRunnerOptions): StepRunner {
  /** By the sequence's id; as many as the batch holds. */
  const tickets = new Map<number, Ticket>();
  /** The next one first. Whoever adds bounds it. */
  const arriving: Ticket[] = [];
  let lastId = 0;
  /** A timer runs: a step is under way, or the next ticket is awaited. */
  let isBusy = false;
  /** When what the engine does at present is over, in its own time. */
  let engineMs = 0;

  const now = (): number => clock.monotonic() * speed;
  const give = (sequence: Sequence): void => {
    const ticket = tickets.get(sequence.id);
    if (ticket === undefined) return;
    ticket.generatedTokens = batch.generated(sequence);
    ticket.wake();
  };
  const endStep = (): void => {
    for (const sequence of batch.endStep().finished) {
      give(sequence);
      tickets.delete(sequence.id);
    }
    for (const sequence of batch.decoding()) give(sequence);
  };
  const showDue = (): void => {
    for (let ticket = arriving[0]; ticket !== undefined && ticket.dueMs <= engineMs; ticket = arriving[0]) {
      arriving.shift();
      lastId += 1;
      ticket.sequence = batch.add({ id: lastId, ...ticket.size });
      if (ticket.sequence === undefined) throw new Error("a sequence was refused after it had been admitted");
      tickets.set(lastId, ticket);
    }
  };
  /** Begins a step or the wait for the next ticket. Says whether it is a step; undefined: there is nothing to do. */
  const begin = (): boolean | undefined => {
    showDue();
    const durationMs = batch.beginStep();
    if (durationMs === undefined) {
      if (arriving[0] === undefined) return undefined;
      engineMs = arriving[0].dueMs;
      return false;
    }
    engineMs = Math.max(engineMs, now() - maxCatchUpMs * speed) + durationMs;
    return true;
  };
  const run = (): void => {
    for (let count = 1; ; count++) {
      const isStep = begin();
      isBusy = isStep !== undefined;
      if (isStep === undefined) return;
      const leftMs = engineMs - now();
      if (leftMs > 0 || count >= maxStepsAtOnce) {
        clock.after(Math.max(0, leftMs) / speed, () => {
          if (isStep) endStep();
          run();
        });
        return;
      }
      if (isStep) endStep();
    }
  };
  return {
    now,
    arrive(ticket) {
      arriving.push(ticket);
      if (isBusy) return;
      engineMs = now();
      run();
    },
    leave(ticket) {
      if (ticket.hasLeft) return;
      ticket.hasLeft = true;
      if (ticket.sequence === undefined) {
        arriving.splice(arriving.indexOf(ticket), 1);
      } else {
        batch.remove(ticket.sequence);
        tickets.delete(ticket.sequence.id);
      }
      ticket.wake();
    },
    arriving: (dueOnly) => (dueOnly ? arriving.filter(({ dueMs }) => dueMs <= now()).length : arriving.length),
  };
}
