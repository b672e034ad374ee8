import { describe, expect, it } from "vitest";
import { findDialect } from "../dialects/find-dialect.ts";
import type { DialectName } from "../dialects/dialect.ts";
import { promptHash } from "./prompt-hash.ts";

function hashOf(value: unknown, dialect: DialectName = "openai-chat"): number {
  const body = Buffer.from(JSON.stringify(value));
  const scan = findDialect(dialect).passThrough.scan(body);
  if (scan.kind === "invalid") throw new Error(scan.reason);
  return promptHash(body, scan);
}

const chat = (system: string, user: string, role = "system"): unknown => ({
  model: "m",
  messages: [
    { role, content: system },
    { role: "user", content: user },
  ],
});

describe("the hash of a system prompt", () => {
  it("is the same whatever the user says, and another for another prompt", () => {
    expect(hashOf(chat("Be brief.", "Hello"))).toBe(hashOf(chat("Be brief.", "A long story, please")));
    expect(hashOf(chat("Be brief.", "Hello"))).not.toBe(hashOf(chat("Be thorough.", "Hello")));
    expect(hashOf(chat("Be brief.", "Hello", "developer"))).toBeGreaterThan(0);
  });

  it("is 0 without one, also where the user writes of systems", () => {
    expect(hashOf({ model: "m", messages: [{ role: "user", content: 'say "system"' }] })).toBe(0);
    expect(hashOf({ model: "m", messages: [] })).toBe(0);
    expect(hashOf({ model: "m", prompt: "hello" })).toBe(0);
  });

  it("reads the member of its own where a dialect has one", () => {
    const anthropic = (system: string) => ({
      model: "m",
      max_tokens: 5,
      messages: [{ role: "user", content: "a" }],
      system,
    });
    expect(hashOf(anthropic("A"), "anthropic-messages")).not.toBe(hashOf(anthropic("B"), "anthropic-messages"));
    expect(hashOf(anthropic("A"), "anthropic-messages")).toBeGreaterThan(0);
    const responses = (instructions: string) => ({ model: "m", input: "hello", instructions });
    expect(hashOf(responses("A"), "openai-responses")).not.toBe(hashOf(responses("B"), "openai-responses"));
  });

  it("reads only the beginning of a long one, and never beyond its message", () => {
    const long = "x".repeat(5_000);
    expect(hashOf(chat(`${long}A`, "u"))).toBe(hashOf(chat(`${long}B`, "u")));
    expect(hashOf(chat("x", `${long}A`))).toBe(hashOf(chat("x", `${long}B`)));
  });
});
