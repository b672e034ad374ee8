// Errors both ways, in every dialect and in the words of many providers.
import { describe, expect, it } from "vitest";
import type { DialectName } from "./dialect.ts";
import { findDialect } from "./find-dialect.ts";

const chat = findDialect("openai-chat");
const anthropic = findDialect("anthropic-messages");
const responses = findDialect("openai-responses");
const error = (
  status: number,
  code = "FB_GATEWAY_X",
): { status: number; code: string; message: string; requestId: string } => ({
  status,
  code,
  message: "no",
  requestId: "req-1",
});

describe("writing errors", () => {
  it.each([
    [400, "invalid_request_error", "invalid_request_error"],
    [401, "authentication_error", "authentication_error"],
    [402, "insufficient_quota", "billing_error"],
    [403, "permission_error", "permission_error"],
    [404, "invalid_request_error", "not_found_error"],
    [409, "invalid_request_error", "invalid_request_error"],
    [413, "invalid_request_error", "request_too_large"],
    [429, "rate_limit_error", "rate_limit_error"],
    [500, "server_error", "api_error"],
    [502, "server_error", "api_error"],
    [503, "server_error", "overloaded_error"],
    [504, "server_error", "timeout_error"],
    [529, "server_error", "overloaded_error"],
  ])("%i has its type in both forms", (status, openAiType, anthropicType) => {
    expect(JSON.parse(chat.writeError(error(status)))).toEqual({
      error: { message: "no", type: openAiType, param: null, code: "FB_GATEWAY_X" },
    });
    expect(JSON.parse(anthropic.writeError(error(status)))).toEqual({
      type: "error",
      error: { type: anthropicType, message: "no", details: { error_code: "FB_GATEWAY_X" } },
      request_id: "req-1",
    });
  });

  it("names the field, and turns 503 and 529 into each other", () => {
    expect(JSON.parse(chat.writeError({ ...error(400), param: "n" }))).toMatchObject({ error: { param: "n" } });
    expect([chat.clientStatus(529), anthropic.clientStatus(503), anthropic.clientStatus(429)]).toEqual([503, 529, 429]);
  });

  it("goes on with the numbers of a Responses stream that was passed on", () => {
    const last = Buffer.from(
      'event: x\ndata: {"sequence_number":4,"type":"x"}\n\nevent: x\ndata: {"type":"x","sequence_number":17}\n\n',
    );
    expect(responses.writeStreamError(error(502), last)).toContain('"sequence_number":18');
    expect(responses.writeStreamError(error(502))).toContain('"sequence_number":0');
  });

  it.each<DialectName>(["openai-chat", "openai-responses", "anthropic-messages"])(
    "%s reads its own error event as an error",
    (name) => {
      const { createStreamReader, writeStreamError } = findDialect(name);
      const { reading } = createStreamReader().read(writeStreamError(error(502)).trimEnd());
      expect(reading).toMatchObject({ kind: "error" });
      expect(reading.reason).toContain("no");
    },
  );
});

describe("reading errors", () => {
  it.each([
    [
      "OpenAI",
      400,
      {
        error: {
          message: "This model's maximum context length is 8192 tokens",
          type: "invalid_request_error",
          param: "messages",
          code: "context_length_exceeded",
        },
      },
      "context_length_exceeded",
      "context-length",
    ],
    [
      "OpenAI quota",
      429,
      {
        error: {
          message: "You exceeded your current quota",
          type: "insufficient_quota",
          param: null,
          code: "insufficient_quota",
        },
      },
      "insufficient_quota",
      "quota",
    ],
    [
      "OpenAI rate",
      429,
      { error: { message: "Rate limit reached", type: "requests", param: null, code: "rate_limit_exceeded" } },
      "rate_limit_exceeded",
      "rate-limit",
    ],
    [
      "Azure filter",
      400,
      {
        error: {
          message: "The response was filtered due to the prompt triggering content management policy",
          code: "content_filter",
          status: 400,
        },
      },
      "content_filter",
      "content-filter",
    ],
    ["words None", 429, { error: { message: "slow", type: "None", param: "None", code: "429" } }, "429", "rate-limit"],
    [
      "vLLM",
      400,
      { object: "error", message: "maximum context length is 4096", type: "BadRequestError", param: null, code: 400 },
      "400",
      "context-length",
    ],
    [
      "vLLM now",
      400,
      {
        error: {
          message: "prompt is longer than the model's context length",
          type: "BadRequestError",
          param: null,
          code: 400,
        },
      },
      "400",
      "context-length",
    ],
    [
      "llama.cpp",
      400,
      {
        error: {
          code: 400,
          message: "the request exceeds the available context size",
          type: "exceed_context_size_error",
        },
      },
      "400",
      "context-length",
    ],
    ["Ollama", 404, { error: "model 'x' not found" }, "unknown_error", "other"],
    ["FastAPI", 422, { detail: [{ loc: ["body"], msg: "bad" }] }, "unknown_error", "other"],
    [
      "DeepSeek",
      402,
      { error: { message: "Insufficient Balance", type: "unknown_error", param: null, code: "invalid_request_error" } },
      "invalid_request_error",
      "quota",
    ],
    [
      "DashScope",
      400,
      { code: "DataInspectionFailed", message: "Input data may contain inappropriate content.", request_id: "1" },
      "DataInspectionFailed",
      "content-filter",
    ],
    [
      "DashScope arrears",
      400,
      { error: { code: "Arrearage", message: "Access denied, please make sure your account is in good standing." } },
      "Arrearage",
      "quota",
    ],
    [
      "SGLang full queue",
      503,
      { object: "error", message: "The request queue is full.", type: "ServiceUnavailable", param: null, code: 503 },
      "503",
      "overloaded",
    ],
  ] as const)("%s", (_name, status, body, code, meaning) => {
    expect(chat.readError(JSON.stringify(body), status)).toMatchObject({ code, meaning });
  });

  it.each([
    [529, "overloaded_error", "Overloaded", "overloaded"],
    [400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum", "context-length"],
    [400, "invalid_request_error", "input length and `max_tokens` exceed context limit: 1 + 2 > 3", "context-length"],
    [400, "invalid_request_error", "Your credit balance is too low", "quota"],
    [429, "rate_limit_error", "This request would exceed your rate limit", "rate-limit"],
    [401, "authentication_error", "invalid x-api-key", "other"],
  ])("Anthropic %i %s", (status, type, message, meaning) => {
    expect(anthropic.readError(JSON.stringify({ type: "error", error: { type, message } }), status)).toEqual({
      code: type,
      message,
      meaning,
    });
  });

  it("knows no error in other bodies", () => {
    for (const body of ["", "<html>502</html>", "{}", '{"choices":[]}', '{"error":null}', '{"error":{}}']) {
      expect(chat.readError(body, 502)).toBeUndefined();
      expect(anthropic.readError(body, 502)).toBeUndefined();
    }
  });
});
