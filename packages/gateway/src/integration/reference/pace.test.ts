// Test 15 of the reference list: a stream is passed on piece by piece, whatever its client asks for and however slowly it reads. The
// upstream sends its next event when the client has the last one, so an event that is held back or joined with another stops the test;
// no clock is asked.
import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { modelAnswer, type RecordedRequest, type UpstreamAnswer } from "@flyball/fakes";
import { FACES, NAMED_PAIRS, type ClientFace, type DialectPair } from "./testdata/client-faces.ts";
import {
  createDialectStage,
  FIRST_SCRIPT,
  FIRST_TEXT,
  type AskOptions,
  type DialectStage,
} from "./testdata/dialect-stage.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let stage: DialectStage;
beforeAll(async () => {
  stage = await createDialectStage();
});
afterAll(() => stage.dispose());

/** The client's end of one stream: what came, event by event. */
interface Reading {
  readonly response: Promise<IncomingMessage>;
  readonly pieces: string[];
  readonly ended: Promise<string>;
  text(): string;
  until(condition: () => boolean): Promise<void>;
}

function read(pair: DialectPair, options: AskOptions = {}): Reading {
  const pieces: string[] = [];
  const watchers = new Set<() => void>();
  const response = new Promise<IncomingMessage>((resolve) => stage.open(pair, options).once("response", resolve));
  const ended = response.then(
    (incoming) =>
      new Promise<string>((resolve) => {
        incoming.on("data", (piece: Buffer) => {
          pieces.push(piece.toString());
          for (const watcher of watchers) watcher();
        });
        incoming.on("end", () => resolve(pieces.join("")));
      }),
  );
  return {
    response,
    pieces,
    ended,
    text: () => pieces.join(""),
    until: (condition) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!condition()) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
  };
}

/** The events of the first script, in the dialect in which the backend is asked. */
function eventsFor(request: RecordedRequest): { readonly answer: UpstreamAnswer; readonly events: readonly string[] } {
  const answer = modelAnswer(FIRST_SCRIPT, request) as UpstreamAnswer;
  return { answer, events: answer.body as readonly string[] };
}

function spokenBy({ url }: RecordedRequest): ClientFace {
  return FACES.find(({ path }) => url.startsWith(path)) as ClientFace;
}

/** The gateway asks for usage in a client's place. */
function asksForUsage({ name }: ClientFace): boolean {
  return name === "chat" || name === "completions";
}

/** Sends each event when the client has the text of all before it. */
function sendInStep(reading: () => Reading, face: ClientFace): void {
  stage.first.set({
    respond(request) {
      const { answer, events } = eventsFor(request);
      const backend = spokenBy(request);
      async function* inStep(): AsyncGenerator<string> {
        let said = "";
        for (const event of events) {
          yield event;
          said += backend.said(event);
          if (said !== "") await reading().until(() => face.said(reading().text()) === said);
        }
      }
      return { ...answer, body: inStep() };
    },
  });
}

describe("3.15 a paced stream", () => {
  describe.each(NAMED_PAIRS)("of %s", (_name, pair) => {
    const { face, isTranslated } = pair;

    it.each([
      ["asks for nothing", {}],
      ["asks for gzip", { "accept-encoding": "gzip, br" }],
    ])("reaches a client that %s event by event", async (_what, headers) => {
      await stage.fresh();
      sendInStep(() => reading, face);
      const reading = read(pair, { headers });
      const text = await reading.ended;
      expect([face.said(text), face.isWhole(text)]).toEqual([FIRST_TEXT, true]);
      expect((await reading.response).headers["content-encoding"]).toBeUndefined();
      expect(stage.first.requests.at(-1)?.headers["accept-encoding"]).toBe("identity");
      // No write carries the text of two events, and none a part of one.
      const written = reading.pieces.map((piece) => face.said(piece)).filter((said) => said !== "");
      expect(written).toEqual(FIRST_SCRIPT.parts[0]?.pieces);
      expect(reading.pieces.every((piece) => piece.endsWith("\n\n"))).toBe(true);
      const request = stage.first.requests.at(-1) as RecordedRequest;
      // What the gateway asked for on its own is taken out again; the rest are the backend's bytes.
      if (!isTranslated && !asksForUsage(face)) expect(text).toBe(eventsFor(request).events.join(""));
    });

    it("to a client that does not read stops its upstream, with bounded memory, and loses nothing", async () => {
      await stage.fresh();
      const state = { isEnough: false, sent: 0 };
      stage.first.set({
        respond(request) {
          const { answer, events } = eventsFor(request);
          const at = events.findIndex((event) => event.includes(" 30"));
          const large = (events[at] ?? "").replace(" 30", "x".repeat(64 * 1024));
          async function* flood(): AsyncGenerator<string> {
            yield* events.slice(0, at);
            while (!state.isEnough && state.sent < 4_096) {
              state.sent += 1;
              yield large;
            }
            yield* events.slice(at + 1);
          }
          return { ...answer, body: flood() };
        },
      });
      const before = residentBytes();
      const response = await new Promise<IncomingMessage>((resolve) => stage.open(pair).once("response", resolve));
      response.pause();
      let last = -1;
      await vi.waitFor(
        () => {
          const isStill = state.sent === last;
          last = state.sent;
          expect(isStill).toBe(true);
        },
        { timeout: 10_000, interval: 150 },
      );
      // What the sockets of two connections hold, and little more: 256 MiB would have come.
      expect(state.sent).toBeLessThan(512);
      expect(residentBytes() - before).toBeLessThan(48 * 1024 * 1024);
      state.isEnough = true;
      let text = "";
      for await (const piece of response) text += String(piece);
      expect(face.isWhole(text)).toBe(true);
      const whole = FIRST_TEXT.slice(0, FIRST_TEXT.indexOf(" 30")) + "x".repeat(state.sent * 64 * 1024);
      expect(face.said(text) === whole + FIRST_TEXT.slice(FIRST_TEXT.indexOf(" 31"))).toBe(true);
    });
  });

  const residentBytes = (): number => {
    const status = readFileSync(`/proc/${stage.rig.pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
  };
});
