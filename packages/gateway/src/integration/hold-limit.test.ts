// The hold limit over every dialect: a stream without content for ten seconds is answered 200 and something that no client takes for content;
// until the first content it may still go elsewhere, and an error is then one of the stream.
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { HOLD_LIMIT_MS } from "../calls/call-client.ts";
import {
  FIRST_SCRIPT,
  SECOND_TEXT,
  createDialectStage,
  type DialectStage,
} from "./reference/testdata/dialect-stage.ts";
import { PAIRS, type ClientFace } from "./reference/testdata/client-faces.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 });

const KEPT_OPEN: Readonly<Record<ClientFace["name"], string>> = {
  chat: ": keep-alive\n\n",
  completions: ": keep-alive\n\n",
  responses: ": keep-alive\n\n",
  messages: 'event: ping\ndata: {"type":"ping"}\n\n',
};

let stage: DialectStage;
beforeAll(async () => {
  stage = await createDialectStage();
});
afterAll(() => stage.dispose());

describe("a stream whose backend says nothing for longer than the hold limit", () => {
  it("is kept open in each dialect's own way, and then comes whole from the fallback, told in a comment", async () => {
    await stage.fresh({ firstTokenMs: HOLD_LIMIT_MS + 2_000 });
    stage.first.set({ delayMs: 4 * HOLD_LIMIT_MS });
    const replies = await Promise.all(PAIRS.map((pair) => stage.ask(pair)));
    for (const [index, { face, backend }] of PAIRS.entries()) {
      const { status, text } = replies[index] as (typeof replies)[number];
      expect([face.name, status]).toEqual([face.name, 200]);
      expect(text.startsWith(KEPT_OPEN[face.name])).toBe(true);
      expect(text).toMatch(new RegExp(`^: answered by ${backend}/second, attempts 2$`, "m"));
      const rest = text.replace(KEPT_OPEN[face.name], "");
      expect([face.said(rest), face.isWhole(rest), face.begins(rest)]).toEqual([SECOND_TEXT, true, 1]);
    }
  });

  it("ends in an error of the stream when nobody answers, for its status is out", async () => {
    await stage.fresh({ firstTokenMs: HOLD_LIMIT_MS + 1_500 });
    for (const upstream of [stage.first, stage.second]) {
      upstream.set({ model: { ...FIRST_SCRIPT, trouble: { kind: "stall", atPiece: 0 } } });
    }
    const replies = await Promise.all(PAIRS.map((pair) => stage.ask(pair, { isAlone: true })));
    for (const [index, { face }] of PAIRS.entries()) {
      const { status, text } = replies[index] as (typeof replies)[number];
      expect([face.name, status, face.isWhole(text), face.said(text)]).toEqual([face.name, 200, false, ""]);
      expect(face.inBandError(text)?.message).toContain("did not answer within");
    }
  });
});
