// The output of an app that does not run (any more), read from its log files: after a start that failed, the reason stands there.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { LogLine } from "@flyball/core";
import { parseLogLine } from "@flyball/wire";

/** Which lines. */
export interface StoredLogQuery {
  readonly service?: string | undefined;
  /** `<service>/<ordinal>` */
  readonly instance?: string | undefined;
  /** At most this many of the last lines of each instance. */
  readonly tail: number;
}

/** More rotated files than this of one instance are not there. */
const MAX_ROTATED = 20;

/** Lines of all chosen instances in the order of their times. Without a service, one-offs and Flyball's own processes are left out. */
export function readStoredLogs(folder: string, query: StoredLogQuery): readonly LogLine[] {
  const services =
    query.service === undefined ? listFolder(folder).filter((name) => !name.includes("@")) : [query.service];
  return services
    .flatMap((service) => instancesWithLogs(folder, service))
    .filter((instance) => query.instance === undefined || instance === query.instance)
    .flatMap((instance) => lastLines(join(folder, `${instance}.log`), instance, query.tail))
    .toSorted((a, b) => a.at - b.at);
}

/** Instances of a service that have written something: `api/0`, `api/1` … */
export function instancesWithLogs(folder: string, service: string): readonly string[] {
  return ordinalsIn(join(folder, service)).map((ordinal) => `${service}/${ordinal}`);
}

/** Names of services that have written something. */
export function servicesWithLogs(folder: string): readonly string[] {
  return listFolder(folder).filter((name) => !name.includes("@"));
}

function ordinalsIn(folder: string): readonly number[] {
  return listFolder(folder)
    .flatMap((name) => /^(\d+)\.log$/.exec(name)?.[1] ?? [])
    .map(Number)
    .toSorted((a, b) => a - b);
}

/** Newest file first, older ones only while lines are missing. */
function lastLines(path: string, instance: string, count: number): readonly LogLine[] {
  let lines: readonly LogLine[] = [];
  for (let age = 0; age <= MAX_ROTATED && lines.length < count; age += 1) {
    const text = readText(age === 0 ? path : `${path}.${age}`);
    if (text === undefined) break;
    lines = [...parseLines(text, instance), ...lines];
  }
  return count === 0 ? [] : lines.slice(-count);
}

function parseLines(text: string, instance: string): readonly LogLine[] {
  return text.split("\n").flatMap((line) => {
    const parsed = parseLogLine(line);
    return parsed === undefined ? [] : [{ instance, ...parsed }];
  });
}

function listFolder(path: string): readonly string[] {
  try {
    return readdirSync(path).toSorted();
  } catch {
    return [];
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
