// How the loop goes on while the disk takes nothing: the step that cannot do without it is left out, and the failure is told now and then.
import { isFlyballError, type Clock } from "@flyball/core";

const TELL_EVERY_MS = 10_000;

/** Runs a step. That the store refused its change is put aside; any other error is thrown. */
export function attempt(step: () => void, refused: unknown[]): void {
  try {
    step();
  } catch (error) {
    if (!isFlyballError(error, "FB_CONTROL_STORE_UNWRITABLE")) throw error;
    refused.push(error);
  }
}

/** Hands failures on; the same one in each pass only each ten seconds. */
export function reportSeldom(onError: (error: unknown) => void, clock: Clock): (error: unknown) => void {
  let told = "";
  let toldAt = 0;
  return (error) => {
    const text = String(error);
    if (text === told && clock.monotonic() - toldAt < TELL_EVERY_MS) return;
    told = text;
    toldAt = clock.monotonic();
    onError(error);
  };
}
