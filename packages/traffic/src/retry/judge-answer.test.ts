import { describe, expect, it } from "vitest";
import { judgeAnswer, type BackendAnswer } from "./judge-answer.ts";
import { PROVIDER_FAULTS } from "./provider-faults.ts";

const judge = (change: Partial<BackendAnswer> & { headers?: Record<string, string> }) =>
  judgeAnswer({
    status: 200,
    header: (name) => change.headers?.[name],
    provider: "openai",
    isOurKey: true,
    codes: [],
    message: "",
    now: 0,
    ...change,
  });

describe("judgeAnswer", () => {
  it.each<[string, Parameters<typeof judge>[0], object]>([
    ["a good answer", { status: 200 }, { kind: "pass-on" }],
    ["500", { status: 500 }, { kind: "fault" }],
    ["502 with an error page", { status: 502, message: "<html>" }, { kind: "fault" }],
    ["503 without a word", { status: 503 }, { kind: "fault" }],
    ["408", { status: 408 }, { kind: "fault" }],
    ["an error inside a stream", { codes: ["server_error"], message: "oops" }, { kind: "fault" }],
    ["Anthropic's overload inside a stream", { codes: ["overloaded_error"] }, cool("overloaded")],
    ["503 with Retry-After", { status: 503, headers: { "retry-after": "5" } }, cool("overloaded", 5_000)],
    ["529", { status: 529, provider: "anthropic" }, cool("overloaded")],
    ["429 with Retry-After", { status: 429, headers: { "retry-after": "2" } }, cool("rate-limited", 2_000)],
    ["429 without a word", { status: 429 }, cool("rate-limited")],
    ["429 for money", { status: 429, codes: ["insufficient_quota"] }, cool("quota")],
    ["Moonshot's 429 for money", { status: 429, codes: ["exceeded_current_quota_error"] }, cool("quota")],
    ["402", { status: 402, provider: "deepseek", message: "Insufficient Balance" }, cool("quota")],
    [
      "400 for money, as Anthropic says it",
      { status: 400, codes: ["invalid_request_error"], message: "Your credit balance is too low" },
      cool("quota"),
    ],
    ["DashScope's arrears", { status: 400, provider: "dashscope", codes: ["Arrearage"] }, cool("quota")],
    ["401 of our own key", { status: 401 }, cool("key")],
    ["403 of our own key", { status: 403 }, cool("key")],
    ["401 of a key that is not ours", { status: 401, isOurKey: false }, { kind: "pass-on" }],
    ["OpenRouter's moderation", { status: 403, provider: "openrouter", codes: ["403"] }, { kind: "pass-on" }],
    ["a context that is too long", { status: 400, codes: ["context_length_exceeded"] }, { kind: "larger-context" }],
    [
      "vLLM's sentence for it",
      { status: 400, codes: ["BadRequestError"], message: "This model's maximum context length is 4096 tokens" },
      { kind: "larger-context" },
    ],
    [
      "Groq's prompt above a minute's allowance",
      { status: 413, provider: "groq", codes: ["rate_limit_exceeded"] },
      { kind: "larger-context" },
    ],
    ["a content filter", { status: 400, codes: ["content_filter"] }, { kind: "pass-on" }],
    ["Zhipu's content filter", { status: 400, provider: "zhipu", codes: ["1301"] }, { kind: "pass-on" }],
    ["Zhipu's 1113", { status: 429, provider: "zhipu", codes: ["1113"] }, cool("quota")],
    ["the same number elsewhere", { status: 429, provider: "openai", codes: ["1113"] }, cool("rate-limited")],
    ["a wrong parameter", { status: 400, codes: ["invalid_request_error"] }, { kind: "pass-on" }],
    ["422", { status: 422 }, { kind: "pass-on" }],
    ["a model that is not there", { status: 404, message: "The model `x` does not exist." }, cool("model-missing")],
    ["a path that is not there", { status: 404, message: "Not Found" }, { kind: "pass-on" }],
  ])("judges %s", (_name, answer, expected) => {
    expect(judge(answer)).toEqual(expected);
  });

  it("knows codes whatever their case", () => {
    expect(judge({ status: 400, codes: ["RESPONSIBLEAIPOLICYVIOLATION"] })).toEqual({ kind: "pass-on" });
    expect(judge({ status: 401, codes: ["INVALIDAPIKEY"] })).toEqual(cool("key"));
  });

  it("has no row that an earlier one hides", () => {
    const seen = new Set<string>();
    for (const { code, provider, status } of PROVIDER_FAULTS) {
      const name = code.toLowerCase();
      expect(seen.has(name) || seen.has(`${name}@${provider}`), `${code} of ${provider}`).toBe(false);
      if (status === undefined) seen.add(provider === undefined ? name : `${name}@${provider}`);
    }
  });
});

function cool(reason: string, toldMs?: number) {
  return { kind: "cool", reason, toldMs };
}
