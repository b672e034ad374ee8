// Tests 2, 3, 4 and 16 of the reference list: a stream is whole, or its client can see that it is not.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { StreamTrouble, UpstreamAnswer } from "@flyball/fakes";
import { NAMED_PAIRS } from "./testdata/client-faces.ts";
import {
  createDialectStage,
  FIRST_SCRIPT,
  FIRST_TEXT,
  SECOND_TEXT,
  type DialectStage,
} from "./testdata/dialect-stage.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let stage: DialectStage;
beforeAll(async () => {
  stage = await createDialectStage();
});
afterAll(() => stage.dispose());

const trouble = (kind: StreamTrouble["kind"], atPiece: number, more: Partial<StreamTrouble> = {}) => ({
  model: { ...FIRST_SCRIPT, trouble: { kind, atPiece, ...more } },
});
const FIRST_FORTY = FIRST_TEXT.slice(0, FIRST_TEXT.indexOf(" 40"));

describe("3.2 an upstream that dies after 40 of 60 chunks", () => {
  describe.each(NAMED_PAIRS)("of %s", (_name, pair) => {
    const { face } = pair;

    it.each(["cut", "end", "error-event"] as const)(
      "by %s ends in an error that the client sees, without a terminal event, after all 40",
      async (kind) => {
        await stage.fresh();
        stage.first.set(trouble(kind, 40));
        const { status, text } = await stage.ask(pair);
        expect(status).toBe(200);
        expect(face.said(text)).toBe(FIRST_FORTY);
        expect(face.isWhole(text)).toBe(false);
        expect(face.inBandError(text)?.message).toContain("broke off");
        expect(stage.second.counts.open).toBe(0);
      },
    );

    it("in the middle of a frame passes no part of that frame on", async () => {
      await stage.fresh();
      const whole = (await stage.ask(pair)).text.length;
      for (const part of [0.35, 0.6, 0.85]) {
        await stage.fresh();
        stage.first.set({ fault: { kind: "cut", afterBytes: Math.floor(whole * part) } });
        const { text } = await stage.ask(pair);
        if (face.isWhole(text)) {
          // A translated answer may be longer than what its backend sent.
          expect(pair.isTranslated).toBe(true);
          continue;
        }
        expect(FIRST_TEXT.startsWith(face.said(text))).toBe(true);
        expect(face.inBandError(text)?.message).toContain("broke off");
      }
    });

    it("numbers the error event like all events before it, where events are numbered", async () => {
      await stage.fresh();
      stage.first.set(trouble("cut", 40));
      const numbers = [...(await stage.ask(pair)).text.matchAll(/"sequence_number":(\d+)/g)].map(([, n]) => Number(n));
      expect(numbers).toEqual(numbers.map((_, index) => index));
      expect(numbers.length > 40).toBe(face.name === "responses");
    });

    it("without a stream gives the whole answer of the fallback", async () => {
      await stage.fresh();
      stage.first.set({ fault: { kind: "cut", afterBytes: 100 } });
      const { status, text } = await stage.ask(pair, { isStream: false });
      expect([status, face.saidWhole(text)]).toEqual([200, SECOND_TEXT]);
    });
  });
});

describe("3.3 a primary that answers 200 and then an error before content", () => {
  describe.each(NAMED_PAIRS)("of %s", (_name, pair) => {
    const { face } = pair;

    it.each(["error-event", "cut", "end"] as const)("by %s gives the fallback's stream alone", async (kind) => {
      await stage.fresh();
      stage.first.set(trouble(kind, 0));
      const { status, text, headers } = await stage.ask(pair);
      expect([status, face.said(text), face.isWhole(text)]).toEqual([200, SECOND_TEXT, true]);
      expect([face.begins(text), face.ids(text).size]).toEqual([1, 1]);
      expect(headers["x-flyball-backend"]).toBe(`${pair.backend}/second`);
      expect(headers["x-flyball-attempts"]).toBe("2");
    });

    it("gives a real 5xx in JSON when the fallback fails in the same way", async () => {
      await stage.fresh();
      stage.first.set(trouble("error-event", 0));
      stage.second.set(trouble("error-event", 0));
      const { status, text, headers } = await stage.ask(pair);
      expect(status).toBeGreaterThanOrEqual(500);
      expect(headers["content-type"]).toContain("application/json");
      expect(JSON.parse(text).error.message).toContain("the model failed");
      expect(text).not.toMatch(/message_start|data:/);
    });
  });
});

describe("3.3 what an error before content says", () => {
  describe.each(NAMED_PAIRS)("of %s", (_name, pair) => {
    it.each([true, false])(
      "is heeded: a refusal of the content is passed on and not routed around (stream: %s)",
      async (isStream) => {
        await stage.fresh();
        const before = stage.second.counts.requests;
        stage.first.set(
          isStream
            ? trouble("error-event", 0, { code: "content_filter", message: "not this" })
            : { respond: () => refusedInside(pair.backend) },
        );
        const reply = await stage.ask(pair, { isStream });
        expect([reply.status, reply.json().error.message]).toEqual([400, "not this"]);
        expect(stage.second.counts.requests).toBe(before);
      },
    );

    it("is heeded: who is overloaded rests, and the next call does not ask it", async () => {
      await stage.fresh();
      stage.first.set(trouble("error-event", 0, { code: "overloaded_error", message: "busy" }));
      const before = stage.first.counts.requests;
      for (let call = 0; call < 3; call += 1) {
        expect(pair.face.said((await stage.ask(pair)).text)).toBe(SECOND_TEXT);
      }
      expect(stage.first.counts.requests - before).toBe(1);
    });
  });

  /** An error under a 200, whole. */
  const refusedInside = (backend: string): UpstreamAnswer => {
    const error = { type: "content_filter", message: "not this" };
    const body = backend === "anthropic" ? { type: "error", error } : { error: { ...error, code: "content_filter" } };
    return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  };
});

// How late the event loop is meanwhile is measured in delays.test.ts, which has the machine for itself.
describe("3.4 a 429 inside a stream, with no fallback", () => {
  /** Processor time of the gateway process so far. */
  const cpuMs = (): number => {
    const fields = readFileSync(`/proc/${stage.rig.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  };

  describe.each(NAMED_PAIRS)("of %s", (_name, pair) => {
    it.each([
      ["before", 0],
      ["after", 20],
    ])("%s content is an error at once, does not spin, and the next call is served", async (when, atPiece) => {
      await stage.fresh();
      const code = pair.backend === "anthropic" ? "rate_limit_error" : "rate_limit_exceeded";
      stage.first.set(trouble("error-event", atPiece, { code, message: "slow down" }));
      const startedAt = performance.now();
      const reply = await stage.ask(pair, { isAlone: true });
      expect(performance.now() - startedAt).toBeLessThan(1_000);
      if (when === "before") expect(reply.json().error.message).toContain("slow down");
      else expect(pair.face.inBandError(reply.text)?.message).toContain("slow down");
      const before = cpuMs();
      await new Promise((resolve) => setTimeout(resolve, 150));
      expect(cpuMs() - before).toBeLessThan(100);
      stage.first.reset();
      expect((await stage.ask(pair)).status).toBe(200);
    });

    it("before content is told as 429", async () => {
      await stage.fresh();
      const code = pair.backend === "anthropic" ? "rate_limit_error" : "rate_limit_exceeded";
      stage.first.set(trouble("error-event", 0, { code, message: "slow down" }));
      expect((await stage.ask(pair, { isAlone: true })).status).toBe(429);
    });
  });
});

describe("3.16 a silent upstream", () => {
  describe.each(NAMED_PAIRS)("of %s", (_name, pair) => {
    const { face } = pair;

    it("that accepts and never answers is cut at the limit for the first token, and the fallback is used", async () => {
      await stage.fresh({ firstTokenMs: 120, timeouts: { firstByteMs: 5_000 } });
      const aborted = stage.first.counts.aborted;
      stage.first.set({ fault: { kind: "hang-before-headers" } });
      const { text } = await stage.ask(pair);
      expect([face.said(text), face.isWhole(text)]).toEqual([SECOND_TEXT, true]);
      await stage.first.until((counts) => counts.aborted > aborted, AbortSignal.timeout(2_000));
    });

    it("that sends headers and never content is cut at the same limit", async () => {
      await stage.fresh({ firstTokenMs: 120, timeouts: { gapMs: 5_000 } });
      stage.first.set(trouble("stall", 0));
      expect(face.said((await stage.ask(pair)).text)).toBe(SECOND_TEXT);
    });

    it("without a stream is cut at the limit for the first byte", async () => {
      await stage.fresh({ timeouts: { firstByteMs: 120 } });
      stage.first.set({ fault: { kind: "hang-before-headers" } });
      expect(face.saidWhole((await stage.ask(pair, { isStream: false })).text)).toBe(SECOND_TEXT);
    });

    it("in the middle of a stream is cut at the limit between two pieces, which the client is told", async () => {
      await stage.fresh({ timeouts: { gapMs: 120 } });
      const aborted = stage.first.counts.aborted;
      stage.first.set(trouble("stall", 40));
      const { text } = await stage.ask(pair);
      expect([face.said(text), face.isWhole(text)]).toEqual([FIRST_FORTY, false]);
      expect(face.inBandError(text)?.message).toContain("gap limit of 120 ms");
      await stage.first.until((counts) => counts.aborted > aborted, AbortSignal.timeout(2_000));
    });

    it("with no fallback is a 504", async () => {
      await stage.fresh({ firstTokenMs: 120 });
      stage.first.set({ fault: { kind: "hang-before-headers" } });
      const reply = await stage.ask(pair, { isAlone: true });
      expect([reply.status, typeof reply.json().error.message]).toEqual([504, "string"]);
    });
  });
});
