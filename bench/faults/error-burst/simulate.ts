// A pool under load: requests at even distances, each to a random endpoint that takes one.
import { seededRandom } from "@flyball/fakes";
import type { Ejector } from "./ejector.ts";
import type { FailureForm } from "./failure-form.ts";

/** One request of the pool each ten milliseconds. */
const STEP_MS = 10;
/** Requests of each endpoint before anything counts: the rules that learn have learned. */
const PAST = 2_000;
/** An endpoint that was not ejected after so many requests counts as never found. */
const MOST_REQUESTS = 20_000;

/** Requests that the endpoint got from the beginning of its failures to its ejection; infinite when it was not ejected. */
export function requestsToEjection(
  ejector: Ejector,
  { endpoints, base, burst, seed }: { endpoints: number; base: number; burst: number; seed: number },
): number {
  const random = seededRandom(seed);
  const pool = ejector.createPool(endpoints, random);
  let received = 0;
  let now = 0;
  for (let step = -PAST * endpoints; received < MOST_REQUESTS; step += 1) {
    now += STEP_MS;
    const endpoint = Math.floor(random() * endpoints);
    if (!pool.takes(endpoint, now)) continue;
    const isFaulty = step >= 0 && endpoint === 0;
    if (isFaulty) received += 1;
    pool.ended(endpoint, random() >= (isFaulty ? burst : base), now);
    if (isFaulty && pool.isOut(endpoint, now)) return received;
  }
  return Number.POSITIVE_INFINITY;
}

/** Ejections among so many requests to a healthy pool. */
export function falseEjections(
  ejector: Ejector,
  scene: { endpoints: number; rate: number; form: FailureForm; requests: number; seed: number },
): number {
  const { endpoints, rate, form, requests, seed } = scene;
  const random = seededRandom(seed);
  const pool = ejector.createPool(endpoints, random);
  const fails = form.create(rate, endpoints, random);
  let before = 0;
  let now = 0;
  for (let sent = -PAST * endpoints; sent < requests;) {
    now += STEP_MS;
    const endpoint = Math.floor(random() * endpoints);
    if (!pool.takes(endpoint, now)) continue;
    pool.ended(endpoint, !fails(endpoint), now);
    sent += 1;
    if (sent === 0) before = pool.ejections();
  }
  return pool.ejections() - before;
}

/** The greatest mean that so few events leave possible at 95 % (exact for Poisson counts: half the chi-square quantile). */
export function upperBound(events: number): number {
  let low = events;
  let high = events + 10 + 6 * Math.sqrt(events + 1);
  for (let round = 0; round < 60; round += 1) {
    const middle = (low + high) / 2;
    if (poissonAtMost(events, middle) > 0.05) low = middle;
    else high = middle;
  }
  return high;
}

function poissonAtMost(events: number, mean: number): number {
  let term = Math.exp(-mean);
  let sum = term;
  for (let count = 1; count <= events; count += 1) {
    term *= mean / count;
    sum += term;
  }
  return sum;
}
