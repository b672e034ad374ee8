import { createFakeClock } from "@flyball/fakes";
import { describe, expect, it } from "vitest";
import { doWork } from "../aside/do-work.ts";
import { createSideThread } from "../aside/side-thread.ts";
import { PlayedThread } from "../aside/testdata/played-thread.ts";
import type { DialectName } from "../dialects/dialect.ts";
import { findDialect } from "../dialects/find-dialect.ts";
import { findProviderTraits } from "../dialects/find-provider-traits.ts";
import { createGatewayMetrics } from "../metrics/gateway-metrics.ts";
import type { Exchange } from "../stages/exchange.ts";
import type { ServingBackend } from "../worker/serving-state.ts";
import { needsSurvey, needsTranslation, surveyAside, translateAside } from "./ask-aside.ts";
import { writtenBefore } from "./backend-request.ts";
import type { CallError } from "./call-client.ts";
import { normalRequestOf, type ModelCall } from "./model-call.ts";
import { writeTranslated } from "../dialects/write-translated.ts";

/** More than half a MiB. */
const LONG = "word ".repeat(120_000);
const PICTURE = { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" } };

function backend(provider: string): ServingBackend {
  const traits = findProviderTraits(provider);
  return { model: "there", traits, dialect: findDialect(traits.dialect) } as ServingBackend;
}
const OPENAI = backend("openai");
const ANTHROPIC = backend("anthropic");

interface SceneOptions {
  readonly text?: string;
  readonly content?: unknown;
  readonly dialect?: DialectName;
  readonly isCached?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A call, and a thread beside its worker that a test plays. */
function scene({ text, content, dialect = "anthropic-messages", isCached = false, headers = {} }: SceneOptions = {}) {
  const clock = createFakeClock();
  const threads: PlayedThread[] = [];
  const aside = createSideThread({
    clock,
    start: () => {
      const thread = new PlayedThread();
      threads.push(thread);
      return thread;
    },
  });
  const metrics = createGatewayMetrics();
  const exchange = {
    context: { aside, metrics, clock },
    request: { headers },
    deadlineAt: 1_000,
    running: undefined,
  } as unknown as Exchange;
  const spoken =
    text ?? JSON.stringify({ model: "chat", max_tokens: 5, messages: [{ role: "user", content: content ?? LONG }] });
  // In memory of its own, as a long body has it.
  const body = Buffer.from(new Uint8Array(Buffer.from(spoken)).buffer);
  const face = {
    dialect: findDialect(dialect),
    path: "/messages",
    isTranslatable: true,
    isForm: false,
    output: "text",
  };
  const scanSlice = face.dialect.passThrough.scanInSlices(body);
  let scan = scanSlice(body.length);
  while (scan === undefined) scan = scanSlice(body.length);
  if (scan.kind !== "found") throw new Error(scan.reason);
  const model = { name: "chat", memory: { cache: isCached ? {} : undefined } };
  const call = {
    exchange,
    model,
    face,
    body,
    scan,
    bodyReaders: 0,
    normalRequest: undefined,
    survey: undefined,
    written: undefined,
  } as unknown as ModelCall;
  const told: (string | CallError)[] = [];
  const end = { go: () => void told.push("go"), refuse: (error: CallError) => void told.push(error) };
  return {
    clock,
    threads,
    call,
    exchange,
    told,
    end,
    text: spoken,
    translate: (to: ServingBackend = OPENAI) => translateAside(call, { backend: to, maxTokens: undefined }, end),
    /** The thread does what it was asked last. */
    work(): void {
      const message = threads.at(-1)?.received.at(-1);
      if (message === undefined) throw new Error("the thread was asked nothing");
      threads.at(-1)?.answer(message, doWork(message.work, Buffer.from(message.body)));
    },
    counted: () => metrics.longCalls.collect().samples,
  };
}

describe("whether a call is too long for the event loop", () => {
  it("is told by its bytes, or by how many values it has", () => {
    const translated = (options: SceneOptions): boolean => needsTranslation(scene(options).call, OPENAI, undefined);
    expect(translated({})).toBe(true);
    expect(translated({ content: "short" })).toBe(false);
    const numbers = (count: number): string =>
      `{"model":"chat","max_tokens":5,"messages":[],"x":[${"1,".repeat(count)}1]}`;
    expect(translated({ text: numbers(20_000) })).toBe(true);
    expect(translated({ text: numbers(10_000) })).toBe(false);
  });

  it("matters only where a backend of another dialect is asked", () => {
    expect(needsTranslation(scene().call, ANTHROPIC, undefined)).toBe(false);
  });

  it("matters to limits where there may be pictures in it, and to a cache that the client does not pass by", () => {
    const surveyed = (options: SceneOptions): boolean => needsSurvey(scene(options).call);
    expect(surveyed({})).toBe(false);
    expect(surveyed({ content: [PICTURE, { type: "text", text: LONG }] })).toBe(true);
    expect(surveyed({ content: [PICTURE] })).toBe(false);
    expect(surveyed({ isCached: true })).toBe(true);
    expect(surveyed({ isCached: true, headers: { "cache-control": "no-store" } })).toBe(false);
  });
});

describe("a long call that is translated beside the worker", () => {
  it("has lent its body meanwhile, and has it back with what was written", () => {
    const { call, translate, work, told, text, threads } = scene();
    translate();
    expect([call.body.length, told]).toEqual([0, []]);
    work();
    expect([told, call.body.toString() === text]).toEqual([["go"], true]);
    const written = writtenBefore(call, OPENAI, undefined);
    const direct = writeTranslated(normalRequestOf(call), OPENAI, undefined);
    if (written?.kind !== "translated" || direct.kind !== "translated") throw new Error("it was refused");
    expect(written.value.body.equals(direct.value.body)).toBe(true);
    expect(needsTranslation(call, OPENAI, undefined)).toBe(false);
    // Another backend, or another bound: it is written anew.
    expect([needsTranslation(call, backend("openai"), undefined), needsTranslation(call, OPENAI, 9)]).toEqual([
      true,
      true,
    ]);
    expect(threads[0]?.received).toHaveLength(1);
  });

  it("keeps its body where a connection still reads it, and lends a copy", () => {
    const { call, translate, work, told, text } = scene();
    call.bodyReaders = 1;
    translate();
    const { body } = call;
    expect(body.toString() === text).toBe(true);
    work();
    expect([told, call.body === body, body.toString() === text]).toEqual([["go"], true, true]);
  });

  it("keeps a body that others share memory with", () => {
    const { call, translate, text } = scene();
    const shared = Buffer.from(`{}${text}`).subarray(2);
    call.body = shared;
    translate();
    expect([call.body === shared, shared.toString() === text]).toEqual([true, true]);
  });

  it("goes on with a refusal as with any other", () => {
    const { call, translate, work, told } = scene({
      content: [
        { type: "container_upload", file_id: "f" },
        { type: "text", text: LONG },
      ],
    });
    translate();
    work();
    expect([told, writtenBefore(call, OPENAI, undefined)?.kind]).toEqual([["go"], "refused"]);
  });

  it("is forgotten when its client leaves", () => {
    const { exchange, translate, work, told, counted } = scene();
    translate();
    exchange.running?.cancel();
    work();
    expect([told, counted()]).toEqual([[], []]);
  });

  it.each([
    ["its deadline passes", "FB_GATEWAY_DEADLINE", 504, true, "late", async ({ clock }: Scene) => clock.advance(1_000)],
    ["the thread ends", "FB_GATEWAY_LONG_CALL", 503, true, "lost", ({ threads }: Scene) => threads[0]?.emit("exit", 1)],
    [
      "the thread runs out of memory",
      "FB_GATEWAY_LONG_CALL",
      503,
      false,
      "lost",
      ({ threads }: Scene) => {
        threads[0]?.emit("error", Object.assign(new Error("too much"), { code: "ERR_WORKER_OUT_OF_MEMORY" }));
        threads[0]?.emit("exit", 1);
      },
    ],
    [
      "the thread cannot do it",
      "FB_GATEWAY_LONG_CALL",
      503,
      false,
      "threw",
      ({ threads }: Scene) => threads[0]?.answer(undefined, { kind: "threw", reason: "a defect" }),
    ],
  ] as const)("is refused when %s", async (_, code, status, isRetryable, outcome, happen) => {
    const played = scene();
    played.translate();
    await happen(played);
    expect(played.told).toMatchObject([{ code, status, isRetryable }]);
    expect(played.exchange.running).toBeUndefined();
    expect(played.counted()).toEqual([{ labels: ["translate", outcome], value: 1 }]);
  });

  it("is refused as one too many while others hold the thread for a minute, where it has no deadline of its own", async () => {
    const { call, exchange, clock, translate, told } = scene();
    exchange.deadlineAt = Number.POSITIVE_INFINITY;
    for (let others = 0; others < 7; others += 1) {
      exchange.context.aside.ask({
        work: { kind: "survey", wantsMedia: false, wantsDigest: false },
        until: Number.POSITIVE_INFINITY,
        lend: () => new ArrayBuffer(1),
        onDone: () => undefined,
      });
    }
    translate();
    await clock.advance(60_000);
    expect(told).toMatchObject([{ code: "FB_GATEWAY_OVERLOADED", status: 503, isRetryable: true }]);
    expect(call.body.length).toBeGreaterThan(0);
  });
});

type Scene = ReturnType<typeof scene>;

describe("what is found out of a long call", () => {
  it("is there for limits and cache, and the body is back", () => {
    const { call, work, told, end, text } = scene({ content: [PICTURE, { type: "text", text: LONG }], isCached: true });
    surveyAside(call, end);
    expect(call.body).toHaveLength(0);
    work();
    expect([told, call.body.toString() === text]).toEqual([["go"], true]);
    expect(call.survey).toEqual({ media: expect.objectContaining({ images: 1 }), digest: expect.any(String) });
  });
});
