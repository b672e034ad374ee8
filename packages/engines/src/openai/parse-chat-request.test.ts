// The reading of request bodies: what is taken over, what is refused, and that nothing a client sends makes it throw.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseChatRequest } from "./parse-chat-request.ts";

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const hello = { model: "m", messages: [{ role: "user", content: "Hi" }] };

function faultOf(fields: object): string | null | undefined {
  const parsed = parseChatRequest(encode({ ...hello, ...fields }));
  return parsed.outcome === "invalid" ? parsed.error.param : undefined;
}

describe("parseChatRequest", () => {
  it("reads what shapes the answer", () => {
    const shape = { stream: true, stream_options: { include_usage: true }, max_tokens: 5, stop: "x" };
    const body = { ...hello, ...shape, priority: -2, simulated_output_tokens: 7 };
    expect(parseChatRequest(encode(body))).toEqual({
      outcome: "valid",
      request: {
        model: "m",
        isStream: true,
        includeUsage: true,
        generation: {
          messages: [{ role: "user", text: "Hi" }],
          maxTokens: 5,
          stop: ["x"],
          priority: -2,
          simulatedOutputTokens: 7,
        },
      },
    });
  });

  it("prefers max_completion_tokens to the older max_tokens", () => {
    const parsed = parseChatRequest(encode({ ...hello, max_tokens: 5, max_completion_tokens: 3 }));
    expect(parsed).toMatchObject({ request: { generation: { maxTokens: 3 } } });
  });

  it("takes null for a field as if it were not there, and lets unknown fields pass", () => {
    expect(faultOf({ stop: null, max_tokens: null, stream: null, n: null, priority: null, top_k: 3 })).toBeUndefined();
  });

  it("goes on with the last message where it is asked to, as vLLM", () => {
    const said = { role: "assistant", content: "One two" };
    const wish = { messages: [...hello.messages, said], continue_final_message: true, add_generation_prompt: false };
    expect(parseChatRequest(encode({ ...hello, ...wish }))).toMatchObject({
      request: { generation: { messages: [{ role: "user", text: "Hi" }], continuedText: "One two" } },
    });
    expect(faultOf({ ...wish, messages: hello.messages })).toBe("continue_final_message");
    expect(faultOf({ ...wish, add_generation_prompt: undefined })).toBe("continue_final_message");
    expect(faultOf({ continue_final_message: 1 })).toBe("continue_final_message");
  });

  it("names the field at fault", () => {
    expect(faultOf({ model: "" })).toBe("model");
    expect(faultOf({ stream: "yes" })).toBe("stream");
    expect(faultOf({ max_tokens: 0 })).toBe("max_tokens");
    expect(faultOf({ max_completion_tokens: 1.5 })).toBe("max_completion_tokens");
    expect(faultOf({ stop: ["a", "b", "c", "d", "e"] })).toBe("stop");
    expect(faultOf({ priority: 0.5 })).toBe("priority");
    expect(faultOf({ simulated_output_tokens: 0 })).toBe("simulated_output_tokens");
    expect(faultOf({ stop: "" })).toBe("stop");
    expect(faultOf({ messages: [{ content: "no role" }] })).toBe("messages[0]");
    expect(faultOf({ messages: [{ role: "user", content: [{ type: "image_url" }] }] })).toBe("messages[0].content");
  });

  it("never throws, whatever the bytes", () => {
    const outcomes = ["valid", "invalid"];
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(outcomes).toContain(parseChatRequest(bytes).outcome);
      }),
    );
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (messages, stop, options) => {
        const body = encode({ model: "m", messages, stop, stream: true, stream_options: options });
        expect(outcomes).toContain(parseChatRequest(body).outcome);
      }),
    );
  });
});
