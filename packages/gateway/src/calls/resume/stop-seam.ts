// Stop strings over the seam of a resumed answer: the backend that goes on does not look at text that it did not write, so one that began
// before the cut is looked for here. What may be its beginning is held back until it is decided.

/** A matcher for one resumed answer. */
export interface StopSeam {
  /** The text that may go out, and whether a stop string was completed: then nothing follows. */
  push(text: string): { readonly text: string; readonly isStopped: boolean };
  /** What was held back at the end. */
  rest(): string;
}

/** Creates it; `before` is the text up to the cut. */
export function createStopSeam(before: string, stops: readonly string[]): StopSeam {
  const longest = Math.max(0, ...stops.map((stop) => stop.length));
  /** The end of the text before the cut that a stop string could begin in; it is out already. */
  const head = longest > 1 ? before.slice(-(longest - 1)) : "";
  let seen = "";
  let isOver = head === "" || stops.length === 0;
  const release = (upTo: number): string => {
    const text = seen.slice(0, upTo);
    seen = seen.slice(upTo);
    return text;
  };
  return {
    push(text) {
      if (isOver) return { text, isStopped: false };
      seen += text;
      const joined = head + seen;
      const ends = stops
        .map((stop) => joined.indexOf(stop))
        // One that lies behind the seam altogether is the backend's own affair.
        .filter((at) => at >= 0 && at < head.length);
      if (ends.length > 0) {
        isOver = true;
        seen = "";
        return { text: "", isStopped: true };
      }
      const isPossible = stops.some((stop) => mayBegin(joined, head.length, stop));
      if (isPossible) return { text: "", isStopped: false };
      isOver = true;
      return { text: release(seen.length), isStopped: false };
    },
    rest: () => release(seen.length),
  };
}

/** Whether a stop string that begins before the seam fits all text so far, and needs more. */
function mayBegin(joined: string, seam: number, stop: string): boolean {
  for (let at = 0; at < seam; at += 1) {
    const rest = joined.slice(at);
    if (rest.length < stop.length && stop.startsWith(rest)) return true;
  }
  return false;
}
