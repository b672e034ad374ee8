// An entry of a notice for tests, with every field that a test does not name.
import type { NoticeEntry } from "../notice.ts";

const BEGAN = Date.UTC(2026, 10, 23, 7, 58, 31);

/** `api/0` was killed. */
export function makeEntry(fields: Partial<NoticeEntry> = {}): NoticeEntry {
  return {
    key: "api/0:process-exit",
    incident: 7,
    class: "process-exit",
    severity: "warning",
    service: "api",
    subject: "api/0",
    startedAt: BEGAN,
    summary: { key: "exit.summary", values: { instance: "api/0", how: { key: "exit.signal", values: { signal: "SIGKILL" } } } },
    detectionMs: 120,
    dependants: [],
    ...fields,
  };
}
