// All detectors over one pool, as control and gateway run them, and the findings that they begin.
import type { IncidentClass } from "@flyball/core";
import { breakerFailed, breakerSucceeded, createBreaker, enterBreaker, type Breaker } from "../../breaker/breaker.ts";
import { addOutput, createBadOutput, findBadOutput } from "../bad-output.ts";
import { addAnswers, createDependencyDown, findDown } from "../dependency-down.ts";
import { addEngineEvidence, addEngineRequests, createEngineProgress, findStalledEngines } from "../engine-progress.ts";
import { addFailureReport, acquitFailures, createFailureEvidence, type FailureEvidence } from "../failure-evidence.ts";
import type { Finding } from "../finding.ts";
import { addPoolLoad, createOverloadSeen, findOverload } from "../overload-seen.ts";
import { addLimits, createRateLimited, findLimited } from "../rate-limited.ts";
import { addRelease, createReleaseWatch, findRelease, followRelease } from "../release-watch.ts";
import { addSlowness, createSlowPeers, findSlow } from "../slow-peer.ts";
import { addStuckRequests, createStuckRequests, findStuckRequests } from "../stuck-requests.ts";
import { addStuckStreams, createStuckStreams, findStuckStreams } from "../stuck-streams.ts";
import type { PoolStep } from "./healthy-pool.ts";

/** What began: a finding's class, or an ejection by the breaker. */
export type Began = IncidentClass | "ejection";

const PROBE_LIMIT_MS = 10_000;

/** Watches a pool; `watch` gives what began in the step. */
export function createPoolWatch(random: () => number): {
  watch(step: PoolStep): readonly (readonly [Began, Finding?])[];
} {
  const tables = {
    stuckRequests: createStuckRequests(),
    stuckStreams: createStuckStreams(),
    engines: createEngineProgress(),
    slow: createSlowPeers(),
    output: createBadOutput(),
    limits: createRateLimited(),
    overload: createOverloadSeen(),
    down: createDependencyDown(),
  };
  const failures = new Map<string, FailureEvidence>();
  const breakers = new Map<string, Breaker>();
  let open = new Set<string>();
  const release = createReleaseWatch("release");
  return {
    watch({ at, requests, engines, load, revision }) {
      const began: (readonly [Began, Finding?])[] = [];
      followRelease(release, { hash: String(revision), isRollBack: false, now: at });
      for (const seen of requests) {
        addStuckRequests(tables.stuckRequests, seen);
        addStuckStreams(tables.stuckStreams, seen);
        addEngineRequests(tables.engines, seen);
        addSlowness(tables.slow, seen);
        addOutput(tables.output, seen);
        addLimits(tables.limits, seen);
        addAnswers(tables.down, seen);
        addRelease(release, seen, seen.endpoint.slice(seen.endpoint.indexOf("@") + 1));
        const evidence = failures.get(seen.endpoint) ?? createFailureEvidence(failures.values());
        failures.set(seen.endpoint, evidence);
        addFailureReport(evidence, seen, seen.lastGoodAt);
        if (evidence.isFault) {
          began.push(["failed-requests"]);
          acquitFailures(evidence);
        }
        for (let count = ejectionsIn(seen, breakers, { requests, random }); count > 0; count -= 1)
          began.push(["ejection"]);
      }
      for (const seen of engines) addEngineEvidence(tables.engines, seen);
      addPoolLoad(tables.overload, load);
      const endpoints = new Set(requests.map(({ endpoint }) => endpoint));
      for (const known of [failures, breakers])
        for (const endpoint of known.keys()) if (!endpoints.has(endpoint)) known.delete(endpoint);
      const findings = [
        ...findStuckRequests(tables.stuckRequests, at),
        ...findStuckStreams(tables.stuckStreams, at),
        ...findStalledEngines(tables.engines, at),
        ...findSlow(tables.slow, at),
        ...findBadOutput(tables.output, at),
        ...findLimited(tables.limits, at),
        ...findOverload(tables.overload, at),
        ...findDown(tables.down, at),
        ...findRelease(release),
        // An instance that is gone is no subject any more.
      ].filter(({ subject }) => !subject.includes("/") || endpoints.has(subject));
      const now = new Set(findings.map((finding) => `${finding.class} ${finding.subject}`));
      for (const finding of findings)
        if (!open.has(`${finding.class} ${finding.subject}`)) began.push([finding.class, finding]);
      open = now;
      return began;
    },
  };
}

function ejectionsIn(
  seen: PoolStep["requests"][number],
  breakers: Map<string, Breaker>,
  { requests, random }: { requests: PoolStep["requests"]; random: () => number },
): number {
  const breakerOf = (endpoint: string): Breaker => {
    const breaker = breakers.get(endpoint) ?? createBreaker();
    breakers.set(endpoint, breaker);
    return breaker;
  };
  const pool = requests.map(({ endpoint }) => breakerOf(endpoint));
  const breaker = breakerOf(seen.endpoint);
  const { succeeded: good = 0, "server-error": bad = 0 } = seen.outcomes;
  let ejections = 0;
  for (let result = 0; result < good + bad; result += 1) {
    const isClosed = breaker.phase === "closed";
    const ticket = enterBreaker(breaker, seen.to, PROBE_LIMIT_MS);
    // The failures of a report stand in its middle, one after the other.
    if (result < Math.floor(good / 2) || result >= Math.floor(good / 2) + bad)
      breakerSucceeded(breaker, ticket, seen.to);
    else if (breakerFailed(breaker, ticket, "failing", { now: seen.to, random, pool }) !== undefined && isClosed)
      ejections += 1;
  }
  return ejections;
}
