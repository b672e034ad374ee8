import type { AppEvent, Incident, Plan } from "@flyball/core";
import { expect, test } from "vitest";
import { en } from "../messages/en.ts";
import { createComposedTranslate } from "../messages/translate-composed.ts";
import { createTranslate } from "../messages/translate.ts";
import { zhControl } from "../messages/zh-control.ts";
import { zhErrors } from "../messages/zh-errors.ts";
import { zh } from "../messages/zh.ts";
import { colourStyle, plainStyle } from "../output/style.ts";
import { makeServiceStatus } from "../testing/make-status.ts";
import { formatByteSize } from "./byte-size.ts";
import { formatDuration } from "./duration.ts";
import { renderEvent } from "./render-event.ts";
import { renderIncident, renderIncidents } from "./render-incident.ts";
import { renderPlan } from "./render-plan.ts";
import { renderMovedListeners, renderServices } from "./render-services.ts";
import { stateWord } from "./state-word.ts";

const english = createTranslate(en);
const chinese = createTranslate(zh, createComposedTranslate({ control: zhControl, errors: zhErrors }));

test.each([
  [0, "0 ms"],
  [999, "999 ms"],
  [2_149, "2.1 s"],
  [10_000, "10 s"],
  [59_999, "1 min"],
  [61_000, "1 min 1 s"],
  [7_200_000, "2 h"],
  [93_600_000, "1 d 2 h"],
])("%i ms reads as %s", (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});

test.each([
  [512, "512 B"],
  [1_500, "1.5 KiB"],
  [91_226_112, "87 MiB"],
  [1_503_238_553, "1.4 GiB"],
])("%i bytes read as %s", (bytes, text) => {
  expect(formatByteSize(bytes)).toBe(text);
});

test("a state is glyph and word, and colour only on top", () => {
  expect(stateWord("crash-loop", english, plainStyle)).toBe("✗ crash loop");
  expect(stateWord("ready", chinese, colourStyle)).toBe(colourStyle.green("✓ 就绪"));
});

const say = (event: object, translate = english): string =>
  renderEvent({ sequence: 1, at: 0, ...event } as AppEvent, translate, plainStyle).replace(/^\d\d:\d\d:\d\d  /, "");

test("events are sentences in the reader's language", () => {
  const exit = { code: null, signal: "SIGKILL", at: 0, wasRequested: false };
  expect(say({ event: "instance-exited", instance: "api/1", exit })).toBe("✗ api/1 ended: signal SIGKILL");
  expect(say({ event: "instance-exited", instance: "api/1", exit }, chinese)).toBe("✗ api/1 已退出：信号 SIGKILL");
  const recovered = {
    event: "incident-recovered",
    number: 3,
    summary: "api/1 was killed",
    totalMs: 2_500,
    detectionMs: 40,
  };
  expect(say(recovered)).toBe("✓ incident 3 recovered after 2.5 s (detection 40 ms, recovery 2.5 s): api/1 was killed");
  expect(
    say({ event: "listener-moved", id: "public/api.http", wishedPort: 80, port: 81, holder: "nginx (pid 5)" }),
  ).toBe("api.http: port 80 is taken by nginx (pid 5), so 81 is used");
  expect(say({ event: "manifest-refused", problems: ["a.yaml:1:2 x", "a.yaml:3:4 y"] })).toBe(
    "✗ the changed manifest is not used:\n  a.yaml:1:2 x\n  a.yaml:3:4 y",
  );
});

test("an end that was asked for, and a job that is done, are no failures", () => {
  const exit = { code: 0, signal: null, at: 0, wasRequested: true };
  expect(say({ event: "instance-exited", instance: "api/1", exit })).toBe("api/1 was stopped (exit code 0)");
  expect(say({ event: "instance-exited", instance: "job/0", exit: { ...exit, wasRequested: false } })).toBe(
    "job/0 has finished (exit code 0)",
  );
});

test("pending and draining are left out, and why something is still starting", () => {
  expect(say({ event: "instance-state", instance: "api/0", state: "draining" })).toBe("");
  expect(say({ event: "instance-state", instance: "api/0", state: "starting", pid: 5, reason: "not probed yet" })).toBe(
    "api/0  ◌ starting (pid 5)",
  );
  expect(say({ event: "service-state", service: "api", state: "failed", reason: "one\ntwo" })).toBe(
    "api  ✗ failed: one",
  );
  expect(say({ event: "instance-state", instance: "api/0", state: "failed", reason: "one\ntwo" })).toBe(
    "api/0  ✗ failed: one\ntwo",
  );
});

test("a plan has a sign for each service that changes and the changed fields below it", () => {
  const plan: Plan = {
    fromRevision: 1,
    toRevision: 2,
    steps: [
      {
        service: "api",
        action: "replace",
        reason: "changed: environment.A",
        changes: [{ path: "services.api.environment.A", before: "x", after: undefined }],
      },
      { service: "db", action: "keep", reason: "", changes: [] },
      { service: "web", action: "start", reason: "new", changes: [] },
      { service: "old", action: "stop", reason: "", changes: [] },
    ],
    droppedOverrides: [{ field: "services.api.replicas", value: 3, reason: "the revision changes it" }],
  };
  expect(renderPlan(plan, english, plainStyle).split("\n")).toEqual([
    "Plan for revision 2:",
    "  ~ api: replace, changed: environment.A",
    '      services.api.environment.A: "x" → ∅',
    "  + web: start, new",
    "  - old: stop",
    "  dropped override services.api.replicas = 3: the revision changes it",
  ]);
  expect(renderPlan({ ...plan, steps: plan.steps.slice(1, 2), droppedOverrides: [] }, english, plainStyle)).toBe(
    "Plan: nothing to do",
  );
});

test("a revision that a changed file made shows its plan with the event", () => {
  const changes = [{ path: "services.api.replicas", before: 1, after: 2 }];
  const composed = { reason: { key: "plan.scale", values: { before: 1, after: 2 } } };
  const step = { service: "api", action: "scale", reason: "1 → 2 instances", composed, changes } as const;
  const plan: Plan = { fromRevision: 1, toRevision: 2, steps: [step], droppedOverrides: [] };
  const event = {
    event: "revision-written",
    revision: 2,
    reason: "file changed",
    composed: { reason: { key: "revision.file-changed", values: {} } },
    plan,
  };
  expect(say(event)).toBe(`revision 2 written: file changed\n${renderPlan(plan, english, plainStyle)}`);
  expect(say(event, chinese).split("\n")).toEqual([
    "已写入版本 2：文件有改动",
    "版本 2 的计划：",
    "  ~ api: 伸缩，1 → 2 个实例",
    "      services.api.replicas: 1 → 2",
  ]);
});

const killed = { key: "exit.signal", values: { signal: "SIGKILL" } };
const summary = { key: "exit.summary", values: { instance: "api/1", how: killed } };

test("reasons and summaries of events are in the reader's language, with every line", () => {
  const reason = { key: "exit.last-lines", values: { sentence: summary, lines: "boom", service: "api" } };
  const state = { event: "instance-state", instance: "api/1", state: "failed", reason: "x", composed: { reason } };
  expect(say(state, chinese)).toBe(
    "api/1  ✗ 失败: api/1 被 SIGKILL 终止\n最后几行输出：\n  boom\n试试：flyball logs api",
  );
  const opened = { event: "incident-opened", number: 3, summary: "x", composed: { summary } };
  expect(say(opened, chinese)).toBe("✗ 事件 3：api/1 被 SIGKILL 终止");
  const failed = { event: "revision-failed", revision: 2, reason: "x", composed: { reason } };
  expect(say(failed, chinese)).toBe("✗ 版本 2 失败：api/1 被 SIGKILL 终止");
  expect(say({ ...opened, composed: undefined }, chinese)).toBe("✗ 事件 3：x");
});

test("an incident in Chinese has its summary, evidence and actions in Chinese", () => {
  const text = renderIncident(
    {
      ...incident,
      composed: { summary },
      evidence: [
        {
          at: 1,
          source: "driver",
          text: "x",
          composed: { text: { key: "exit.evidence", values: { instance: "api/1", pid: 7, how: killed } } },
        },
      ],
      actions: [
        {
          at: 1,
          action: "restarted",
          reason: "x",
          result: "y",
          composed: { reason: summary, result: { key: "action.started", values: { pid: 8 } } },
        },
      ],
    },
    chinese,
    plainStyle,
  );
  expect(text).toContain("事件 4：api/1 被 SIGKILL 终止");
  expect(text).toContain("driver: api/1（进程号 7）被 SIGKILL 终止");
  expect(text).toContain("restarted: api/1 被 SIGKILL 终止 → 已启动，进程号 8");
});

test("a service's reason below the table is in the reader's language", () => {
  const composed = { reason: { key: "reason.not-probed", values: {} } };
  const service = makeServiceStatus("api", [], { state: "starting", reason: "not probed yet", composed });
  expect(renderServices([service], chinese, plainStyle)).toMatch(/\napi: 尚未探测$/);
  expect(renderServices([service], english, plainStyle)).toMatch(/\napi: not probed yet$/);
});

const incident: Incident = {
  id: "inc_1",
  number: 4,
  class: "process-exit",
  subject: { service: "api", ordinal: 1 },
  revision: 2,
  began: { lastGood: 1_000, firstBad: 1_010, source: "exit-event" },
  detectedAt: 1_040,
  recoveredAt: 3_500,
  capacityRecoveredAt: 3_500,
  goodWindowMs: 10_000,
  state: "recovered",
  summary: "api/1 was killed by SIGKILL",
  evidence: [{ at: 1_010, source: "driver", text: "killed\nlast line" }],
  actions: [{ at: 1_050, action: "restart", reason: "it exited", result: "started as pid 7" }],
};

test("an incident is shown with detection, recovery and FRT, never without its window", () => {
  const [, row = ""] = renderIncidents([incident], english, plainStyle).split("\n");
  expect(row.split(/\s{2,}/).filter((_, column) => column !== 3)).toEqual([
    "4",
    "process exit",
    "api/1",
    "40 ms",
    "2.5 s",
    "2.5 s (window 10 s)",
    "✓ recovered",
  ]);
});

test("one that lasts has no recovery yet, and none at all is said in words", () => {
  const {
    recoveredAt: _recoveredAt,
    capacityRecoveredAt: _capacity,
    ...open
  } = { ...incident, state: "open" as const };
  const [, row = ""] = renderIncidents([open], english, plainStyle).split("\n");
  expect(row.split(/\s{2,}/).slice(4)).toEqual(["40 ms", "-", "-", "✗ open"]);
  expect(renderIncidents([], chinese, plainStyle)).toBe("没有事件");
});

test("one incident in full has its evidence and what was done", () => {
  const text = renderIncident(incident, english, plainStyle);
  expect(text).toContain("Incident 4: api/1 was killed by SIGKILL");
  expect(text).toMatch(/TRAFFIC FRT +-\n/);
  expect(text).toMatch(/CAPACITY FRT +2\.5 s\n/);
  expect(text).toMatch(/Evidence:\n {2}\S+ \S+ {2}driver: killed\n {6}last line\n/);
  expect(text).toMatch(/Actions:\n {2}\S+ \S+ {2}restart: it exited → started as pid 7$/);
});

test("a table of services counts instances, but not those of jobs and of what others run", () => {
  const job = makeServiceStatus("setup", [], { kind: "job", state: "completed" });
  const outside = makeServiceStatus("pg", [], { kind: "external", url: "127.0.0.1:5432" });
  const failed = makeServiceStatus("api", [], { desired: 2, state: "failed", reason: "no port" });
  expect(renderServices([job, outside, failed], english, plainStyle).split("\n")).toEqual([
    "SERVICE  STATE        INSTANCES  URL",
    "setup    ✓ completed  -",
    "pg       ✓ ready      -          127.0.0.1:5432",
    "api      ✗ failed     0/2",
    "api: no port",
  ]);
});

test("only listeners that people use and that had to move are spoken of", () => {
  const listener = (kind: "public" | "service", wishedPort: number): object => ({
    id: `${kind}/x.http`,
    kind,
    address: { host: "127.0.0.1", port: 81 },
    wishedPort,
  });
  const listeners = [listener("public", 80), listener("public", 81), listener("service", 80)];
  expect(renderMovedListeners({ listeners } as never, english)).toEqual(["x.http: port 80 is taken, so 81 is used"]);
});
