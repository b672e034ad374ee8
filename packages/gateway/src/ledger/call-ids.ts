// The ledger's own name of a call. A client's request id will not do: whoever sends one id with all its calls would be charged for one of
// them. Ids begin with the time in milliseconds, so that they sort by it, and end with bits that no other worker and no other life has.
import { randomBytes } from "node:crypto";

/** Makes the next id; `now` is wall milliseconds. Characters: digits, lower-case letters and `-`. */
export type CallIds = (now: number) => string;

/** Digits of a time in base 36, until the year 5188. */
const TIME_DIGITS = 9;

/** The ids of one worker in one life. `life`: 64 random bits in hex, unless a test wants to know them. */
export function createCallIds(life: string = randomBytes(8).toString("hex")): CallIds {
  const tail = `-${life}`;
  let lastTime = -1;
  let head = "";
  let number = 0;
  return (now) => {
    if (now !== lastTime) {
      lastTime = now;
      head = `${Math.floor(now).toString(36).padStart(TIME_DIGITS, "0")}-`;
    }
    number += 1;
    return head + number.toString(36) + tail;
  };
}
