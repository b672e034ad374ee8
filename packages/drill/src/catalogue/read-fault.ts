// One fault from its file. Durations stand there as text (`15s`), here in milliseconds.
import { INCIDENT_CLASSES, RUNGS } from "@flyball/core";
import type { DrillNeed, FaultDefinition, Injection, ProxyRule, VictimKind, WrongAction } from "../fault.ts";
import type { YamlValue } from "./read-yaml.ts";
import { duration, list, number, record, tagged, text, textMap, word, type Reader } from "./readers.ts";

const LONGEST_LEASE_MS = 3_600_000;
const VICTIMS: readonly VictimKind[] = [
  "instance",
  "engine",
  "dependency",
  "gateway",
  "gateway-worker",
  "control",
  "keeper",
  "service",
];
const NEEDS: readonly DrillNeed[] = ["root", "proxy", "two-replicas", "model", "workers"];
const WRONG: readonly WrongAction[] = [...RUNGS, "any", "act-on-dependant", "two-at-once"];

const share = number(0, 1, false);
const count = number(0, 1_000_000, true);
const only = (name: string): Reader<string> => word([name]);
const plain = (name: string): Reader<ProxyRule> => record({ rule: only(name) }, {}) as Reader<ProxyRule>;
const counted = (name: string): Reader<ProxyRule> =>
  record({ rule: only(name), afterEvents: count }, {}) as Reader<ProxyRule>;

const RULES: Readonly<Record<ProxyRule["rule"], Reader<ProxyRule>>> = {
  refuse: plain("refuse"),
  "accept-no-answer": plain("accept-no-answer"),
  "headers-then-silence": plain("headers-then-silence"),
  stall: counted("stall"),
  cut: counted("cut"),
  malformed: counted("malformed"),
  "ok-with-error": plain("ok-with-error"),
  "empty-answer": plain("empty-answer"),
  garbage: record({ rule: word(["garbage"]), form: word(["language", "loop"]) }, {}),
  slow: record({ rule: word(["slow"]), factor: number(1, 1_000, false), least: duration }, {}, (read) => ({
    rule: read.rule,
    factor: read.factor,
    leastMs: read.least,
  })),
  status: record(
    { rule: word(["status"]), status: number(200, 599, true), share },
    { retryAfterSeconds: number(0, 86_400, true) },
  ),
  "no-progress": plain("no-progress"),
  "killed-at-request": record({ rule: word(["killed-at-request"]), request: number(1, 1_000_000, true) }, {}),
  "health-lies": record({ rule: word(["health-lies"]), inner: (value: YamlValue) => proxyRule(value) }, {}),
  "health-fails": plain("health-fails"),
};

/** A rule of the fault proxy. */
export const proxyRule: Reader<ProxyRule> = tagged("rule", RULES);

const part = record({ after: duration, injection: (value: YamlValue) => injection(value) }, {}, (read) => ({
  afterMs: read.after,
  injection: read.injection,
}));

const injection: Reader<Injection> = tagged("kind", {
  signal: record({ kind: word(["signal"]), signal: word(["SIGKILL", "SIGTERM", "SIGSTOP", "SIGSEGV"]) }, {}),
  proxy: record({ kind: word(["proxy"]), rule: proxyRule }, {}),
  network: record(
    { kind: word(["network"]), direction: word(["in", "out", "both"]), method: word(["drop", "reject"]) },
    {},
  ),
  load: record({ kind: word(["load"]), factor: number(1, 1_000, false) }, {}),
  release: record({ kind: word(["release"]) }, { rule: proxyRule, environment: textMap }),
  upgrade: record({ kind: word(["upgrade"]) }, {}),
  pressure: record({ kind: word(["pressure"]), resource: word(["cpu", "memory", "files"]) }, {}),
  inside: record(
    { kind: word(["inside"]), thread: word(["main", "worker"]), what: word(["throw", "exhaust-heap", "block"]) },
    { block: duration },
    ({ block, ...read }) => ({ ...read, ...(block === undefined ? {} : { blockMs: block }) }),
  ),
  compound: record({ kind: word(["compound"]), parts: list(part) }, {}),
} satisfies Readonly<Record<Injection["kind"], Reader<Injection>>>);

const expectation: Reader<FaultDefinition["expect"]> = record(
  { incidents: list(word(INCIDENT_CLASSES)), never: list(word(WRONG)) },
  {
    detect: duration,
    act: duration,
    traffic: duration,
    awayShare: share,
    capacity: duration,
    afterUndo: duration,
    ended: duration,
    stream: duration,
    failed: count,
    refused: count,
    goodput: share,
    amplification: number(1, 100, false),
  },
  ({ detect, act, traffic, capacity, afterUndo, ended, stream, ...read }) => ({
    ...read,
    ...(detect === undefined ? {} : { detectMs: detect }),
    ...(act === undefined ? {} : { actMs: act }),
    ...(traffic === undefined ? {} : { trafficMs: traffic }),
    ...(capacity === undefined ? {} : { capacityMs: capacity }),
    ...(afterUndo === undefined ? {} : { afterUndoMs: afterUndo }),
    ...(ended === undefined ? {} : { endedMs: ended }),
    ...(stream === undefined ? {} : { streamMs: stream }),
  }),
);

const faultId: Reader<string> = (value) => {
  const id = text(value);
  if (id === undefined || /^[a-z][a-z0-9-]*$/.test(id)) return id;
  value.fail(`expected small letters, digits and hyphens, saw "${id}"`);
  return undefined;
};

const title: Reader<FaultDefinition["title"]> = record({ en: text, zh: text }, {});

const lease: Reader<number> = (value) => {
  const leaseMs = duration(value);
  if (leaseMs === undefined || (leaseMs > 0 && leaseMs <= LONGEST_LEASE_MS)) return leaseMs;
  value.fail("expected more than 0s and at most 1h");
  return undefined;
};

/** The fault of one file; problems are noted at their places. */
export const readFault: Reader<FaultDefinition> = record(
  {
    id: faultId,
    title,
    victim: word(VICTIMS),
    injection,
    needs: list(word(NEEDS)),
    lease,
    expect: expectation,
  },
  {},
  ({ lease: leaseMs, ...read }) => ({ ...read, leaseMs }),
);
