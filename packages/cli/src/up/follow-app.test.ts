import type { AppEvent } from "@flyball/core";
import { expect, test } from "vitest";
import type { AppSession } from "../app/app-session.ts";
import type { CommandContext } from "../command-line/command-context.ts";
import { en } from "../messages/en.ts";
import { createTranslate } from "../messages/translate.ts";
import { createOutput } from "../output/output.ts";
import { followApp } from "./follow-app.ts";

const lost: AppEvent = { sequence: 2, at: 20, event: "gateway-state", state: "lost" };
const stopping: AppEvent = { sequence: 1, at: 10, event: "app-stopping", reason: "flyball down" };

async function follow(
  events: readonly AppEvent[],
  interrupted = new AbortController(),
): Promise<{ code: number; out: string; err: string }> {
  const texts = { out: "", err: "" };
  const output = createOutput({
    stdout: { write: (text) => (texts.out += text) },
    stderr: { write: (text) => (texts.err += text) },
    format: "text",
  });
  async function* all(): AsyncGenerator<AppEvent, void, void> {
    yield* events;
  }
  const context = { output, translate: createTranslate(en), commandName: "flyball" } as CommandContext;
  const session = { record: { layout: { keeperLog: "/state/keeper.log" } } } as unknown as AppSession;
  const code = await followApp({ context, session, events: all(), since: 10, interrupted: interrupted.signal });
  return { code, ...texts };
}

test("an app that was asked to end is no failure, and its gateway's end no fault", async () => {
  const { code, out, err } = await follow([stopping, lost]);
  expect([code, err]).toEqual([0, "Everything has ended.\n"]);
  expect(out).toMatch(/the app is stopping: flyball down\n$/);
});

test("a keeper that vanished is a failure that names its log", async () => {
  const { code, out, err } = await follow([lost]);
  expect(code).toBe(1);
  expect(out).toContain("the gateway is gone");
  expect(err).toContain("/state/keeper.log");
});

test("what was told before is not told again", async () => {
  expect((await follow([{ ...lost, at: 9 }, stopping])).out).not.toContain("gateway");
});

test("an interruption ends the following without a word", async () => {
  const interrupted = new AbortController();
  interrupted.abort(new Error("Ctrl-C"));
  await expect(follow([stopping], interrupted)).rejects.toThrow("Ctrl-C");
});
