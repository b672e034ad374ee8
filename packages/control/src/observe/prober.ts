// Probes every active instance on its own pace: quickly while it starts (25 ms growing to 100 ms, for commands to the interval, because
// every late probe is added to the start and so to every recovery), then each interval with ± 10 % jitter, never two at once for one
// instance. A ready instance is given four times as long as its checks usually take, at least half a second and never more than the manifest
// says; when nothing came back the next probe follows after a tenth of the interval. So what is frozen is known in three seconds, and what is always
// slow is not called frozen; where the target tells that a signal has stopped it, one silent probe is enough. An instance that answers requests well
// needs no probe; every tenth is sent all the same. One that lets requests wait and sends nothing back is probed at once. A failed probe during which
// control itself was late is void (self-doubt). A good probe makes an instance ready only when it is the instance that answers, not a program that
// took its port.
import type { Address, Clock, HealthcheckSpec, ProbeEvidence, Random } from "@flyball/core";
import { composeText, textFields } from "../texts/compose-text.ts";
import { probe, type ProbeResult, type RunCheckCommand } from "./probe.ts";

/** An instance to probe. */
export interface ProbeTarget {
  readonly service: string;
  readonly handle: string;
  readonly addresses: Readonly<Record<string, Address>>;
  readonly healthcheck: HealthcheckSpec;
  readonly isStarting: boolean;
  /** Wall time of its last good answer to a request, where that may stand for a probe. */
  readonly answeredAt?: number | undefined;
  /** Requests wait there and nothing comes back: it is probed now, and again after half an interval. */
  readonly isDoubted?: boolean;
  /** Asked after a probe to which nothing came back: a signal has stopped the instance. */
  readonly isStopped?: () => Promise<boolean>;
  /** Who listens in the instance's place; asked before an instance that was not ready counts as healthy. */
  readonly findStranger?: () => Promise<ProbeEvidence["stranger"]>;
  readonly runCommand: RunCheckCommand | undefined;
}

/** Starts and ends probing as instances come and go. */
export interface Prober {
  /** Probes exactly these from now on; known ones keep their pace. At most one timer or probe for each. */
  setTargets(targets: readonly ProbeTarget[]): void;
  dispose(): void;
}

const FIRST_DELAY_MS = 25;
const START_DELAY_MS = 100;
const LATE_MS = 500;
/** A check takes so many times longer than usual, and at least this long, before its silence means something. */
const PATIENCE = 4;
const LEAST_TIMEOUT_MS = 500;
/** Of the longest check that went well, what is remembered at the next one. */
const KEPT_OF_LONGEST = 0.9;
/** So many probes in a row may be spared. */
const MOST_SPARED = 9;

interface Entry {
  target: ProbeTarget;
  delayMs: number;
  cancel: () => void;
  isProbing: boolean;
  /** When its last probe began; monotonic. */
  probedAt: number;
  spared: number;
  /** How long checks take that go well, the longest of late; undefined before the first. */
  usualMs: number | undefined;
}

/** A prober that hands its evidence to `onEvidence`. */
export function createProber(options: {
  readonly clock: Clock;
  readonly random: Random;
  readonly onEvidence: (evidence: ProbeEvidence) => void;
}): Prober {
  const { clock, random } = options;
  const entries = new Map<string, Entry>();

  const schedule = (entry: Entry): void => {
    entry.cancel = clock.after(entry.delayMs * (0.9 + 0.2 * random()), () => void run(entry));
  };
  const run = async (entry: Entry): Promise<void> => {
    const { target } = entry;
    const sparedMs = sparedForMs(entry, clock.now());
    if (sparedMs > 0) {
      entry.spared += 1;
      entry.delayMs = sparedMs;
      schedule(entry);
      return;
    }
    entry.spared = 0;
    entry.isProbing = true;
    const startedAt = clock.monotonic();
    entry.probedAt = startedAt;
    const timeoutMs = timeoutOf(entry);
    const healthcheck = { ...target.healthcheck, timeoutMs };
    const { isHealthy, transcript, isSilent, stranger } = await probeItself({ ...target, healthcheck }, clock);
    const tookMs = clock.monotonic() - startedAt;
    const wasLate = tookMs > timeoutMs + LATE_MS;
    const isStopped = isSilent === true && !target.isStarting && (await isKnownStopped(target));
    entry.isProbing = false;
    if (entries.get(target.handle) !== entry) return;
    // What it takes while it still starts is not what is usual.
    if (isHealthy && !target.isStarting) entry.usualMs = Math.max(tookMs, (entry.usualMs ?? 0) * KEPT_OF_LONGEST);
    if (isHealthy || !wasLate) {
      const { service, handle } = target;
      const seen = {
        ...textFields({ transcript: isStopped ? composeText("probe.stopped", { transcript }) : transcript }),
        ...(isSilent === undefined ? {} : { isSilent }),
        ...(isStopped ? { isStopped } : {}),
        ...(stranger === undefined ? {} : { stranger }),
      };
      options.onEvidence({ kind: "probe", service, handle, at: clock.now(), isHealthy, ...seen });
    }
    if (entries.get(target.handle) !== entry) return;
    entry.delayMs = nextDelayMs(entry, isSilent === true);
    schedule(entry);
  };

  return {
    setTargets(targets) {
      const wanted = new Map(targets.map((target) => [target.handle, target]));
      for (const [handle, entry] of entries) {
        if (wanted.has(handle)) continue;
        entries.delete(handle);
        entry.cancel();
      }
      for (const target of targets) {
        const known = entries.get(target.handle);
        if (known !== undefined) {
          known.target = target;
          if (isProbedNow(known, clock.monotonic())) {
            known.cancel();
            void run(known);
          }
          continue;
        }
        const entry: Entry = {
          target,
          delayMs: FIRST_DELAY_MS,
          cancel: () => undefined,
          isProbing: false,
          probedAt: Number.NEGATIVE_INFINITY,
          spared: 0,
          usualMs: undefined,
        };
        entries.set(target.handle, entry);
        schedule(entry);
      }
    },
    dispose() {
      for (const entry of entries.values()) entry.cancel();
      entries.clear();
    },
  };
}

/** A good answer of somebody else is none. */
async function probeItself(target: ProbeTarget, clock: Clock): Promise<ProbeResult & Pick<ProbeEvidence, "stranger">> {
  const result = await probe({ ...target, clock });
  const stranger = result.isHealthy ? await target.findStranger?.() : undefined;
  if (stranger === undefined) return result;
  return { isHealthy: false, transcript: composeText("probe.stranger", stranger), stranger };
}

function timeoutOf({ target: { healthcheck, isStarting }, usualMs }: Entry): number {
  if (isStarting || usualMs === undefined) return healthcheck.timeoutMs;
  return Math.min(healthcheck.timeoutMs, Math.max(LEAST_TIMEOUT_MS, PATIENCE * usualMs));
}

/** How long its answers to requests stand for a probe; not above 0: it is probed. */
function sparedForMs({ target, spared, usualMs }: Entry, now: number): number {
  const { answeredAt, isStarting, isDoubted, healthcheck } = target;
  // How long its checks take is not known before the first one.
  if (isStarting || isDoubted === true || answeredAt === undefined || usualMs === undefined) return 0;
  if (spared >= MOST_SPARED) return 0;
  return answeredAt + healthcheck.intervalMs - now;
}

function isProbedNow({ target, isProbing, probedAt }: Entry, now: number): boolean {
  return target.isDoubted === true && !isProbing && now - probedAt >= target.healthcheck.intervalMs / 2;
}

/** Whoever cannot tell says no. */
function isKnownStopped({ isStopped }: ProbeTarget): Promise<boolean> {
  return isStopped === undefined ? Promise.resolve(false) : isStopped().catch(() => false);
}

function nextDelayMs({ target: { healthcheck, isStarting }, delayMs }: Entry, isSilent: boolean): number {
  if (!isStarting) return isSilent ? healthcheck.intervalMs / 10 : healthcheck.intervalMs;
  const longest = healthcheck.command === undefined ? START_DELAY_MS : healthcheck.intervalMs;
  return Math.min(healthcheck.intervalMs, longest, delayMs * 1.3);
}
