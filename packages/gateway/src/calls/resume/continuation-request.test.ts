import { describe, expect, it } from "vitest";
import { continueBody, type ContinuationForm } from "./continuation-request.ts";

const TEMPLATE: ContinuationForm = { resume: "continue-final-message", prefillMember: undefined };
const PREFILL: ContinuationForm = { resume: "assistant-prefill", prefillMember: undefined };

function continued(body: string, text: string, form: ContinuationForm) {
  const result = continueBody(Buffer.from(body), text, form);
  return result && [result.body.toString(), result.withheld];
}

describe("the request that goes on from a text", () => {
  it("keeps the bytes of the conversation and puts the text behind them", () => {
    const body = '{ "seed":9007199254740993, "messages": [ {"role":"user","content":"模型 \\u00e9"} ] }';
    expect(continued(body, 'so "far"', TEMPLATE)).toEqual([
      '{"continue_final_message":true,"add_generation_prompt":false, "seed":9007199254740993, "messages": [ {"role":"user","content":"模型 \\u00e9"} ,{"role":"assistant","content":"so \\"far\\""}] }',
      "",
    ]);
  });

  it.each([
    [undefined, '{"role":"assistant","content":"so far"}'],
    ["prefix", '{"role":"assistant","content":"so far","prefix":true}'],
    ["partial", '{"role":"assistant","content":"so far","partial":true}'],
  ] as const)("as a prefill is the message alone, with the member %s", (prefillMember, message) => {
    const form = { ...PREFILL, prefillMember };
    expect(continued('{"messages":[1]}', "so far", form)).toEqual([`{"messages":[1,${message}]}`, ""]);
  });

  it("holds white space at the end back from a prefill, and from nothing else", () => {
    const body = '{"messages":[]}';
    const withheld = ["so far \n", "so\u00a0", "so\u3000 "].map((text) => continued(body, text, PREFILL)?.[1]);
    expect(withheld).toEqual([" \n", "\u00a0", "\u3000 "]);
    expect(continued(body, "so far \n", PREFILL)?.[0]).toBe('{"messages":[{"role":"assistant","content":"so far"}]}');
    expect(continued(body, "so far \n", TEMPLATE)).toEqual([
      expect.stringContaining('[{"role":"assistant","content":"so far \\n"}]'),
      "",
    ]);
  });

  it("cannot be where there is no list of messages, or nothing but white space was said", () => {
    expect(continued('{"input":"x"}', "so far", TEMPLATE)).toBeUndefined();
    expect(continued('{"messages":"x"}', "so far", TEMPLATE)).toBeUndefined();
    expect(continued('{"messages":[]}', " \n", PREFILL)).toBeUndefined();
    expect(continued('{"messages":[]}', " \n", TEMPLATE)).toBeDefined();
  });
});
