// The closed loop at C speed: wrk sends the next request of a connection when the answer to the last one is there, and a script in it
// looks at every answer. What the candidate used meanwhile is taken from the system's books.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Bench } from "../bench.ts";
import type { CallTarget, RunningCandidate } from "../candidates/candidate.ts";
import { cpuMicroseconds } from "../machine/accounting.ts";
import { runProgram } from "../machine/run-program.ts";
import type { AnswerKind } from "../upstream/answer-kind.ts";
import { expectedText, requestBody } from "./request-body.ts";

/** Request texts that wrk holds in memory. */
const MAX_TEXTS = 1_000;
const MAX_TEXT_BYTES = 40_000_000;
const EXTRA_MS = 10_000;

/** What came of a run. */
export interface WrkResult {
  readonly perSecond: number;
  /** CPU time of the serving processes for each request; NaN without any. */
  readonly cpuUs: number;
  readonly failed: number;
}

/** Runs wrk with one thread for this many seconds. */
export async function runWrk(
  bench: Bench,
  wrk: string,
  options: {
    readonly running: RunningCandidate;
    readonly kind: AnswerKind;
    readonly connections: number;
    readonly seconds: number;
  },
): Promise<WrkResult> {
  const { running, kind, connections, seconds } = options;
  const target = running.target(kind);
  const script = join(bench.folder, "wrk.lua");
  await writeFile(script, wrkScript(target, kind));
  const pids = running.servingPids();
  const before = cpuMicroseconds(pids);
  const argv = [wrk, "-t1", `-c${connections}`, `-d${seconds}s`, "--timeout", "5s", "-s", script, target.url];
  const stdout = await runProgram(bench, argv, { limitMs: seconds * 1000 + EXTRA_MS });
  const used = cpuMicroseconds(pids) - before;
  const line = /^RESULT (.*)$/m.exec(stdout)?.[1];
  if (line === undefined) throw new Error(`wrk told no result: ${stdout}`);
  const { requests, microseconds, failed } = JSON.parse(line) as Record<string, number>;
  return {
    perSecond: (requests ?? 0) / ((microseconds ?? Number.NaN) / 1e6),
    cpuUs: pids.length === 0 || !requests ? Number.NaN : used / requests,
    failed: failed ?? Number.NaN,
  };
}

/** wrk takes whole seconds only, so the shortest run is one second. */
function wrkScript(target: CallTarget, kind: AnswerKind): string {
  const placeholder = "MODEL-NAME";
  const [before = "", after = ""] = requestBody(kind, placeholder, 1).split(placeholder);
  const byMemory = Math.max(1, Math.floor(MAX_TEXT_BYTES / (before.length + after.length)));
  const count = Math.min(MAX_TEXTS, byMemory, Math.max(target.models.length, target.keys.length));
  const headers = Object.entries(target.headers).map(([name, value]) => `[${quote(name)}] = ${quote(value)}`);
  return `local models = { ${target.models.map(quote).join(", ")} }
local keys = { ${target.keys.map(quote).join(", ")} }
local expected = ${quote(expectedText(kind))}
local threads, texts, turn = {}, {}, 0
wrong = 0
function setup(thread) table.insert(threads, thread) end
function init()
  for index = 0, ${count - 1} do
    local headers = { ["content-type"] = "application/json", ${headers.join(", ")} }
    if #keys > 0 then headers["authorization"] = "Bearer " .. keys[index % #keys + 1] end
    local body = ${quote(before)} .. models[index % #models + 1] .. ${quote(after)}
    texts[index] = wrk.format("POST", nil, headers, body)
  end
end
function request()
  turn = (turn + 1) % ${count}
  return texts[turn]
end
function response(status, headers, body)
  if status ~= 200 or not string.find(body, expected, 1, true) then wrong = wrong + 1 end
end
function done(summary)
  local failed = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  for _, thread in ipairs(threads) do failed = failed + thread:get("wrong") end
  io.write(string.format('RESULT {"requests":%d,"microseconds":%d,"failed":%d}\\n', summary.requests, summary.duration, failed))
end
`;
}

/** JSON without non-ASCII characters is also a Lua string, but for \\u and \\/ which do not occur here. */
function quote(text: string): string {
  return JSON.stringify(text);
}
