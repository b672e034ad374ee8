// Faults of what others run, on the whole loop: providers behind models, external services, machines that several of them stand on.
import type { AppSpec, BackendSpec, ModelSpec, RequestEvidence } from "@flyball/core";
import { afterEach, describe, expect, it } from "vitest";
import { enqueue } from "../create-control.ts";
import { missData, NO_DATA_MS } from "../recover/miss-data.ts";
import { checkedService, createHealingStage, rungsOf } from "../testing/healing-stage.ts";
import { makeSpec } from "../testing/make-spec.ts";

const stage = createHealingStage();
const TIMEOUTS = { connectMs: 1_000, firstByteMs: 30_000, gapMs: 60_000, totalMs: 0 };
const ORIGIN = "https://dashscope.example";

afterEach(async () => {
  expect(stage.rig.errors).toEqual([]);
  await stage.rig.dispose();
});

function modelOf(name: string, ...providers: readonly string[]): ModelSpec {
  const backends = providers.map((provider): BackendSpec => ({
    kind: "provider",
    provider,
    baseUrl: `https://${provider}.example/v1`,
    model: "qwen",
  }));
  return { name, backends, timeouts: TIMEOUTS };
}

async function start(models: readonly ModelSpec[], spec: Partial<AppSpec> = {}): Promise<void> {
  const grants = models.map(({ name }) => ({ model: name, environmentPrefix: name.toUpperCase() }));
  const api = checkedService("api", { models: grants });
  await stage.start([checkedService("api")]);
  await stage.rig.apply(makeSpec([api], { models: Object.fromEntries(models.map((one) => [one.name, one])), ...spec }));
  await stage.rig.advance(5_000);
}

/** What the gateway saw of a backend in the last 200 ms. */
function tellOf(pool: string, seen: Partial<RequestEvidence>): void {
  const now = stage.rig.clock.now();
  enqueue(stage.rig.control.context.state.inbox.signals, {
    kind: "requests",
    pool,
    endpoint: pool,
    from: now - 200,
    to: now,
    outcomes: {},
    inFlight: 0,
    latencySumMs: 0,
    latencyMaxMs: 0,
    ...seen,
  });
}

const tell = (seen: Partial<RequestEvidence>): void => tellOf(`provider:chat/0@${ORIGIN}`, seen);
const good = (): Partial<RequestEvidence> => ({ outcomes: { succeeded: 2 }, lastGoodAt: stage.rig.clock.now() });
const bad = (outcome: "server-error" | "refused" | "timeout", count = 1): Partial<RequestEvidence> => {
  const now = stage.rig.clock.now();
  return { outcomes: { [outcome]: count }, firstBadAt: now, lastBadAt: now, lastFailure: outcome };
};

/** Its place after it was replaced. */
const caller = (): number =>
  stage.rig.control.context.state.table.of("api").find(({ phase }) => phase === "ready")?.ordinal ?? 0;

async function repeat(seconds: number, say: () => void): Promise<void> {
  for (let tick = 0; tick < seconds * 2; tick += 1) {
    say();
    await stage.rig.advance(500);
  }
}

describe("a provider behind a model", () => {
  it("that limits for long is an incident that says so, with those that have nobody else; it ends with good answers", async () => {
    await start([modelOf("chat", "dashscope")]);
    await repeat(10, () => tell(good()));
    await repeat(40, () => tell({ rateLimited: 1 }));
    expect(stage.open()).toMatchObject([
      { class: "rate-limited", subject: { service: "chat/dashscope", kind: "provider" } },
    ]);
    expect(stage.open()[0]?.summary).toBe("chat/dashscope refuses most requests for coming too often");
    expect(rungsOf(stage.open()[0])).toEqual(["(ask)"]);
    await repeat(40, () => tell(good()));
    expect(stage.all()).toMatchObject([{ class: "rate-limited", state: "recovered" }]);
  });

  it("that refuses our key answers nobody, and is told at the first such answer", async () => {
    await start([modelOf("chat", "dashscope")]);
    await repeat(2, () => tell(good()));
    tell({ outcomes: { cancelled: 1 }, unusable: 1 });
    await stage.rig.advance(3_000);
    expect(stage.open()).toMatchObject([{ class: "dependency-down", subject: { service: "chat/dashscope" } }]);
    expect(stage.open()[0]?.evidence[0]?.text).toContain("unusable 1");
  });

  it("whose money is spent is told at once", async () => {
    await start([modelOf("chat", "dashscope", "openai")]);
    tell({ quotaSpent: 1 });
    await stage.rig.advance(2_000);
    expect(stage.open()).toMatchObject([{ class: "quota-spent", subject: { service: "chat/dashscope" } }]);
  });

  it("that fails half of its requests has an incident of failed requests, one that answers nobody is down", async () => {
    await start([modelOf("chat", "dashscope")]);
    await repeat(30, () => tell(good()));
    await repeat(5, () => {
      tell(bad("server-error"));
      tell(good());
    });
    expect(stage.open()).toMatchObject([{ class: "failed-requests", subject: { service: "chat/dashscope" } }]);
    await repeat(5, () => tell(bad("timeout", 3)));
    expect(stage.open()).toMatchObject([{ class: "dependency-down", subject: { service: "chat/dashscope" } }]);
    expect(stage.all()).toHaveLength(1);
  });

  it("that is down is the one cause of what its callers suffer: nothing is done to them", async () => {
    await start([modelOf("chat", "dashscope")]);
    await repeat(30, () => {
      tell(good());
      stage.tell("api", caller());
    });
    await repeat(60, () => {
      tell(bad("refused", 2));
      stage.tell("api", caller(), { outcome: "server-error" });
    });
    expect(stage.open()).toMatchObject([
      { class: "dependency-down", subject: { service: "chat/dashscope" }, dependants: [{ service: "api" }] },
    ]);
    expect(stage.all().filter(({ state }) => state !== "closed")).toHaveLength(1);
    expect(stage.restartsOf("api")).toBe(0);
  });

  it("of which nobody asks anything any more is marked, and ends after half an hour", async () => {
    await start([modelOf("chat", "dashscope")]);
    await repeat(10, () => tell(bad("server-error", 2)));
    await stage.rig.advance(80_000);
    expect(stage.open()[0]?.dataMissingSince).toBeGreaterThan(0);
    // Half an hour of passes is not waited for: only its end is played.
    const since = stage.rig.clock.now() - NO_DATA_MS;
    missData(stage.rig.control.context, stage.open()[0]!, { name: "chat/dashscope", answered: 0, needed: 1, since });
    expect(stage.all()).toMatchObject([{ state: "closed" }]);
    expect(stage.all()[0]?.actions.at(-1)?.reason).toContain("too few requests to know");
  });
});

it("two models of one provider that fall silent together are one incident of the machine", async () => {
  await start([modelOf("chat", "dashscope"), modelOf("embed", "dashscope"), modelOf("draw", "openai")]);
  const all = (dashscope: () => Partial<RequestEvidence>): void => {
    for (const model of ["chat", "embed"]) tellOf(`provider:${model}/0@${ORIGIN}`, dashscope());
    tellOf("provider:draw/0@https://openai.example", good());
  };
  await repeat(20, () => all(good));
  await repeat(10, () => all(() => bad("timeout", 2)));
  expect(stage.open()).toMatchObject([
    {
      class: "unreachable",
      subject: { service: "dashscope.example", kind: "machine" },
      dependants: [{ service: "chat/dashscope" }, { service: "embed/dashscope" }],
    },
  ]);
  await repeat(20, () => all(good));
  expect(stage.all().filter(({ state }) => state !== "closed")).toMatchObject([
    { class: "unreachable", state: "recovered" },
  ]);
});
