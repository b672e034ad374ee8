// What every app needs of a machine: a Node that is new enough, a state folder that can be written, room, and a clock that goes forward.
import { existsSync, mkdtempSync, rmdirSync, statfsSync } from "node:fs";
import { dirname, join } from "node:path";
import { socketPathFits } from "@flyball/core";
import { localText } from "../messages/localised-error.ts";
import { formatByteSize } from "../render/byte-size.ts";
import { formatMoment } from "../render/moment.ts";
import type { Check } from "./check.ts";

const NEEDED_NODE_MAJOR = 24;
const DISK_WARNING_BYTES = 1024 ** 3;
const DISK_FAILURE_BYTES = 100 * 1024 ** 2;
/** A file from further in the future than this means that the clock was set back. */
const CLOCK_TOLERANCE_MS = 60_000;

/** Node's version. */
export function checkNode(version: string): Check {
  const isEnough = Number(version.split(".")[0]) >= NEEDED_NODE_MAJOR;
  const detail = localText("doctor.node", { version, needed: NEEDED_NODE_MAJOR });
  return isEnough
    ? { name: "node", state: "ok", detail }
    : { name: "node", state: "failed", detail, hint: localText("doctor.node-hint", {}) };
}

/** Whether the state folder, or the nearest folder above it, can be written: tried out, because permissions do not tell all. */
export function checkStateFolder(root: string): Check {
  const existing = nearestExisting(root);
  try {
    rmdirSync(mkdtempSync(join(existing, ".flyball-doctor-")));
    return { name: "state-folder", state: "ok", detail: localText("doctor.state-folder", { path: root }) };
  } catch {
    return {
      name: "state-folder",
      state: "failed",
      detail: localText("doctor.state-folder-refused", { path: existing }),
      hint: localText("doctor.state-folder-hint", {}),
    };
  }
}

/** Whether sockets below the folder have a path that the system takes. */
export function checkSocketPath(directory: string): Check {
  const path = join(directory, "keeper.sock");
  const bytes = Buffer.byteLength(path);
  const detail = localText("doctor.socket-path", { bytes });
  if (socketPathFits(path)) return { name: "socket-path", state: "ok", detail };
  return { name: "socket-path", state: "failed", detail, hint: localText("doctor.state-folder-hint", {}) };
}

/** Room for logs and the store. */
export function checkDisk(root: string): Check {
  const path = nearestExisting(root);
  const { bavail, bsize } = statfsSync(path);
  const free = bavail * bsize;
  const detail = localText("doctor.disk", { free: formatByteSize(free), path });
  if (free >= DISK_WARNING_BYTES) return { name: "disk", state: "ok", detail };
  const state = free < DISK_FAILURE_BYTES ? "failed" : "warning";
  return { name: "disk", state, detail, hint: localText("doctor.disk-hint", {}) };
}

/** Whether the clock went backwards since apps were last started. */
export function checkClock(now: number, startedAt: readonly number[]): Check {
  const latest = Math.max(0, ...startedAt);
  if (latest <= now + CLOCK_TOLERANCE_MS)
    return { name: "clock", state: "ok", detail: localText("doctor.clock", { now: formatMoment(now) }) };
  return {
    name: "clock",
    state: "failed",
    detail: localText("doctor.clock-back", { now: formatMoment(now), latest: formatMoment(latest) }),
    hint: localText("doctor.clock-hint", {}),
  };
}

function nearestExisting(path: string): string {
  let current = path;
  while (!existsSync(current) && dirname(current) !== current) current = dirname(current);
  return current;
}
