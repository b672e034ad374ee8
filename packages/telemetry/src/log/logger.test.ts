import { describe, expect, it } from "vitest";
import { createLogger, readLogLevel, type LogLevel } from "./logger.ts";

function capture(level: LogLevel = "debug") {
  const lines: string[] = [];
  const logger = createLogger({ clock: { now: () => 0 }, level, write: (line) => lines.push(line) });
  return { logger, lines, last: () => JSON.parse(lines.at(-1) ?? "null") as Record<string, unknown> };
}

describe("createLogger", () => {
  it("writes one JSON object a line with time, level, message and fields", () => {
    const { logger, lines } = capture();
    logger.with({ worker: 1 }).info("started", { port: 80 });
    expect(lines).toEqual([
      '{"time":"1970-01-01T00:00:00.000Z","level":"info","message":"started","worker":1,"port":80}\n',
    ]);
  });

  it("makes no line below its level", () => {
    const { logger, lines } = capture("warn");
    logger.info("quiet");
    logger.error("loud");
    expect(lines).toHaveLength(1);
  });

  it("keeps secrets out by the name of a field, at any depth and in any case", () => {
    const { logger, lines } = capture();
    logger.info("request", {
      headers: { Authorization: "Bearer canary-1", cookie: "canary-2", "X-API-Key": "canary-3" },
      list: [{ apiKey: "canary-4", api_key: "canary-5", clientSecret: "canary-6" }],
      fields: { access_token: "canary-7", password: "canary-8" },
    });
    expect(lines.join()).not.toContain("canary");
  });

  it("keeps keys out of messages, texts and errors, wherever they stand", () => {
    const { logger, lines, last } = capture();
    logger.warn("upstream said: bad key sk-canary123456 given", {
      reason: "header was `Bearer canary123.abc`",
      error: new Error("sk-proj-canary_987654 refused", { cause: new Error("Basic Y2FuYXJ5") }),
    });
    expect(lines.join()).not.toMatch(/canary|Y2FuYXJ5/);
    expect(last()["message"]).toBe("upstream said: bad key [redacted] given");
  });

  it("survives cycles and depth", () => {
    const { logger, last } = capture();
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    logger.info("deep", { cycle });
    expect(JSON.stringify(last())).toContain("[too deep]");
  });
});

describe("readLogLevel", () => {
  it("takes a level by its name, and info for anything else", () => {
    expect([readLogLevel("debug"), readLogLevel("ERROR"), readLogLevel("loud"), readLogLevel(undefined)]).toEqual([
      "debug",
      "error",
      "info",
      "info",
    ]);
    expect([capture("debug").logger.isDebug, capture("info").logger.isDebug]).toEqual([true, false]);
    expect(capture("debug").logger.with({ a: 1 }).isDebug).toBe(true);
  });
});
