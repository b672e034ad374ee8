// Releases in fake time through the code that control runs over the gateway's evidence: two instances, a report of each five times a second, requests at even
// distances to either with the same chance.
import type { RequestEvidence } from "@flyball/core";
import { seededRandom } from "@flyball/fakes";
import { addRelease, createReleaseWatch, findRelease, followRelease } from "@flyball/traffic";

const TICK_MS = 200;
const PAST_MS = 120_000;

/** One release. Shares lie between 0 and 1. */
export interface ReleaseScene {
  readonly seed: number;
  readonly perSecond: number;
  /** Of the old revision, and of the new one. */
  readonly oldErrors: number;
  readonly newErrors: number;
  /** Errors come one to three in a row. */
  readonly isBursty?: boolean;
  /** Of the requests that the new one gets while the old one serves beside it; it does so for so long. */
  readonly share: number;
  readonly besideMs: number;
  /** When nobody waits any longer. */
  readonly limitMs: number;
}

/** Milliseconds from the first request of the new revision to the verdict; undefined: none. */
export function timeToVerdict(scene: ReleaseScene): number | undefined {
  const random = seededRandom(scene.seed);
  const watch = createReleaseWatch("api");
  const fails = failuresOf(scene, random);
  followRelease(watch, { hash: "old", isRollBack: false, now: 0 });
  for (let now = TICK_MS; now <= PAST_MS + scene.limitMs; now += TICK_MS) {
    const since = now - PAST_MS;
    if (since > 0) followRelease(watch, { hash: "new", isRollBack: false, now });
    const share = since <= 0 ? 0 : since > scene.besideMs ? 1 : scene.share;
    const counts = { old: { good: 0, bad: 0 }, new: { good: 0, bad: 0 } };
    for (let request = 0; request < (scene.perSecond * TICK_MS) / 1_000; request += 1) {
      const side = random() < share ? "new" : "old";
      counts[side][fails(side) ? "bad" : "good"] += 1;
    }
    for (const side of ["old", "new"] as const) addRelease(watch, reportOf(side, now, counts[side]), side);
    if (since > 0 && findRelease(watch).length > 0) return since;
  }
  return undefined;
}

function failuresOf(scene: ReleaseScene, random: () => number): (side: "old" | "new") => boolean {
  const left = { old: 0, new: 0 };
  return (side) => {
    const rate = side === "old" ? scene.oldErrors : scene.newErrors;
    if (scene.isBursty !== true) return random() < rate;
    if (left[side] === 0 && random() < rate / (2 * (1 - rate))) left[side] = 1 + Math.floor(random() * 3);
    if (left[side] === 0) return false;
    left[side] -= 1;
    return true;
  };
}

function reportOf(side: string, to: number, { good, bad }: { good: number; bad: number }): RequestEvidence {
  return {
    kind: "requests",
    pool: "api",
    endpoint: `api/0@${side}`,
    from: to - TICK_MS,
    to,
    outcomes: { succeeded: good, "server-error": bad },
    inFlight: 0,
    latencySumMs: good * 20,
    latencyMaxMs: 20,
  };
}
