// Events of the app over a connection that may break: control is restarted by its keeper, and whoever follows must miss nothing and see
// nothing twice. Each connection asks for what comes after the last event seen.
import { type AppEvent, type Clock, isFlyballError, type Random, sleep } from "@flyball/core";
import { createSseDecoder } from "@flyball/wire";
import { type ControlAddress, openControlStream } from "./control-call.ts";
import { queryPath } from "./query-path.ts";

/** How to follow. */
export interface FollowEventsOptions {
  readonly address: ControlAddress;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly after?: number | undefined;
  readonly signal: AbortSignal;
  /** Without a connection for this long: FB_CONTROL_UNREACHABLE. 30,000 unless set. */
  readonly giveUpAfterMs?: number;
  /** Parts those who lost the same control; Math.random unless set. */
  readonly random?: Random;
}

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 1_000;

/** Yields events until the signal aborts. Rejects with FB_CONTROL_UNREACHABLE when control stays away, or with what control raised. */
export async function* followEvents(options: FollowEventsOptions): AsyncGenerator<AppEvent, void, void> {
  const { clock, signal, random = Math.random } = options;
  const giveUpAfterMs = options.giveUpAfterMs ?? 30_000;
  let after = options.after;
  let waitMs = FIRST_WAIT_MS;
  let lastConnectedAt = clock.monotonic();
  while (!signal.aborted) {
    try {
      for await (const batch of readConnection({ ...options, after })) {
        waitMs = FIRST_WAIT_MS;
        lastConnectedAt = clock.monotonic();
        for (const event of batch) {
          if (after !== undefined && event.sequence <= after) continue;
          after = event.sequence;
          yield event;
        }
      }
    } catch (error) {
      if (isAborted(signal)) return;
      const isAway = isFlyballError(error, "FB_CONTROL_UNREACHABLE");
      if (!isAway || clock.monotonic() - lastConnectedAt > giveUpAfterMs) throw error;
    }
    if (isAborted(signal)) return;
    await sleep(clock, reconnectWaitMs(waitMs, random), signal).catch(() => undefined);
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
  }
}

/** Half of the wait and a part of the other half by chance, after the cap: before it, all would meet at the cap again. */
export function reconnectWaitMs(waitMs: number, random: Random): number {
  return (waitMs / 2) * (1 + random());
}

/** The events of one connection, as they come; an empty batch says that the connection stands. Ends when the connection does. */
async function* readConnection(options: FollowEventsOptions): AsyncGenerator<readonly AppEvent[], void, void> {
  const { address, timeoutMs, after, signal } = options;
  const stream = await openControlStream(address, {
    method: "GET",
    path: queryPath("/v1/events", { after }),
    headers: { accept: "text/event-stream" },
    timeoutMs,
    signal,
  });
  let ready: AppEvent[] = [];
  let hasOverflown = false;
  const decoder = createSseDecoder({
    onEvent: ({ data }) => void ready.push(JSON.parse(data) as AppEvent),
    onOverflow: () => (hasOverflown = true),
  });
  try {
    yield [];
    for await (const chunk of stream.body as AsyncIterable<Buffer>) {
      decoder.push(chunk);
      const batch = ready;
      ready = [];
      yield batch;
      if (hasOverflown) return;
    }
  } catch (error) {
    if (signal.aborted || !isConnectionError(error)) throw error;
  } finally {
    stream.close();
  }
}

/** A connection that breaks ends the batch; what the reader of the batch throws does not come here. */
function isConnectionError(error: unknown): boolean {
  return error instanceof Error && "code" in error;
}

function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
