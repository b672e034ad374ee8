import { describe, expect, it } from "vitest";
import type { DialectName } from "../dialects/dialect.ts";
import { findDialect } from "../dialects/find-dialect.ts";
import { callBlocks } from "./call-blocks.ts";
import { BLOCK_BYTES } from "./prompt-blocks.ts";

function blocksOf(value: unknown, dialect: DialectName): readonly number[] {
  const body = Buffer.from(JSON.stringify(value));
  const scan = findDialect(dialect).passThrough.scan(body);
  if (scan.kind === "invalid") throw new Error(scan.reason);
  return callBlocks(body, scan, 7);
}

/** How many leading blocks two prompts have in common. */
function shared(one: readonly number[], other: readonly number[]): number {
  const first = one.findIndex((block, index) => block !== other[index]);
  return first < 0 ? one.length : first;
}

const RULES = `You answer for the shop. ${"Be brief and exact. ".repeat(100)}`;
const OTHER_RULES = `You translate into French. ${"Keep the tone of it. ".repeat(100)}`;
const QUESTION = `Tell me of my order. ${"It was of many parts. ".repeat(100)}`;

const claude = (system: unknown, question: string, isLast = false) => {
  const messages = [{ role: "user", content: question }];
  return isLast ? { model: "m", max_tokens: 9, messages, system } : { model: "m", max_tokens: 9, system, messages };
};

describe("the blocks of an Anthropic call", () => {
  const blocks = blocksOf(claude(RULES, QUESTION), "anthropic-messages");

  it("are of the system prompt and then of the messages", () => {
    const bytes = JSON.stringify(RULES).length;
    expect(blocks.length).toBeGreaterThan(bytes / BLOCK_BYTES + 5);
    const other = blocksOf(claude(RULES, `Something else. ${QUESTION}`), "anthropic-messages");
    expect(shared(blocks, other)).toBe(Math.floor(bytes / BLOCK_BYTES));
  });

  it("share nothing with those of another system prompt, although the messages are the same", () => {
    const other = blocksOf(claude(OTHER_RULES, QUESTION), "anthropic-messages");
    expect(other.filter((block) => blocks.includes(block))).toEqual([]);
    const ending = blocksOf(claude(`${RULES}!`, QUESTION), "anthropic-messages");
    expect(shared(blocks, ending)).toBe(Math.floor(JSON.stringify(RULES).length / BLOCK_BYTES));
    expect(ending.slice(-5).filter((block) => blocks.includes(block))).toEqual([]);
  });

  it("are the same wherever the system prompt stands in the body, and for its long form too", () => {
    expect(blocksOf(claude(RULES, QUESTION, true), "anthropic-messages")).toEqual(blocks);
    const parts = [{ type: "text", text: RULES, cache_control: { type: "ephemeral" } }];
    const long = blocksOf(claude(parts, QUESTION), "anthropic-messages");
    expect(blocksOf(claude(parts, QUESTION, true), "anthropic-messages")).toEqual(long);
    expect(long.length).toBeGreaterThanOrEqual(blocks.length);
  });

  it("begin with the messages where there is no system prompt", () => {
    const [one, other] = [QUESTION, `${QUESTION}!`].map((question) =>
      blocksOf({ model: "m", max_tokens: 9, messages: [{ role: "user", content: question }] }, "anthropic-messages"),
    );
    expect(shared(one ?? [], other ?? [])).toBeGreaterThan(5);
  });
});

describe("the blocks of other calls", () => {
  it("of OpenAI chat are of the messages, of which the first may be the system prompt", () => {
    const chat = (system: string) => ({
      model: "m",
      messages: [
        { role: "system", content: system },
        { role: "user", content: QUESTION },
      ],
    });
    const [one, other] = [chat(RULES), chat(OTHER_RULES)].map((body) => blocksOf(body, "openai-chat"));
    expect(shared(one ?? [], other ?? [])).toBe(0);
  });

  it("of responses are of the whole body, and unlike for other instructions wherever those stand", () => {
    const responses = (instructions: string) => ({ model: "m", input: QUESTION, instructions });
    const [one, same, other] = [RULES, RULES, OTHER_RULES].map((text) => blocksOf(responses(text), "openai-responses"));
    expect(one).toEqual(same);
    expect(shared(one ?? [], other ?? [])).toBe(0);
  });
});
