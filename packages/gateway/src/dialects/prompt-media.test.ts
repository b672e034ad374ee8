import { describe, expect, it } from "vitest";
import { findDialect } from "./find-dialect.ts";
import type { DialectName } from "./dialect.ts";
import { readPromptMedia } from "./prompt-media.ts";

const NOTHING = { images: 0, soundBytes: 0, isOpenEnded: false, encodedBytes: 0 };
const bodyOf = (call: object): Buffer => Buffer.from(JSON.stringify({ model: "m", ...call }));
const chat = (...content: readonly object[]): Buffer => bodyOf({ messages: [{ role: "user", content }] });
const image = (url: string): object => ({ type: "image_url", image_url: { url } });
const LARGE = "iVBORw0KGgo".repeat(10_000);

function mayHoldMedia(body: Buffer, dialect: DialectName = "openai-chat"): boolean {
  const scan = findDialect(dialect).passThrough.scan(body);
  if (scan.kind === "invalid") throw new Error(scan.reason);
  return scan.mayHoldMedia;
}

describe("the scan of a call", () => {
  it("knows a prompt of text from one that may hold something else, in every dialect", () => {
    const text = 'an image_url, a "file" and an input_audio\nin a text \u2028 of 你好';
    expect(mayHoldMedia(chat({ type: "text", text }))).toBe(false);
    expect(
      mayHoldMedia(bodyOf({ input: [{ role: "user", content: [{ type: "input_text", text }] }] }), "openai-responses"),
    ).toBe(false);
    expect(mayHoldMedia(chat(image("https://x/y.png")))).toBe(true);
    expect(mayHoldMedia(bodyOf({ input: [{ type: "input_image", file_id: "f" }] }), "openai-responses")).toBe(true);
    expect(mayHoldMedia(chat({ type: "document", source: {} }), "anthropic-messages")).toBe(true);
  });

  it("is not deceived by escapes or by space", () => {
    const plain = chat(image("https://x/y.png")).toString();
    for (const written of [
      plain.replaceAll("image_url", String.raw`im\u0061ge_url`),
      plain.replaceAll(
        "image_url",
        [..."image_url"].map((letter) => `\\u00${letter.charCodeAt(0).toString(16)}`).join(""),
      ),
      JSON.stringify(JSON.parse(plain), undefined, 4),
    ]) {
      expect(JSON.parse(written)).toEqual(JSON.parse(plain));
      expect(mayHoldMedia(Buffer.from(written))).toBe(true);
      expect(readPromptMedia(Buffer.from(written))).toEqual({ ...NOTHING, images: 1 });
    }
  });
});

describe("the media of a prompt", () => {
  it("are counted by address and in the body, whose bytes are then no text", () => {
    const url = `data:image/png;base64,${LARGE}`;
    expect(readPromptMedia(chat(image("https://x/y.png"), image("https://x/z.png")))).toEqual({
      ...NOTHING,
      images: 2,
    });
    expect(readPromptMedia(chat(image(url), { type: "text", text: LARGE }))).toEqual({
      ...NOTHING,
      images: 1,
      encodedBytes: url.length,
    });
    const small = "data:image/png;base64,iVBORw0K";
    expect(readPromptMedia(chat(image(small)))).toEqual({ ...NOTHING, images: 1, encodedBytes: small.length });
    // Some servers take a part without its type.
    expect(readPromptMedia(chat({ image_url: { url: "https://x/y.png" } }))).toEqual({ ...NOTHING, images: 1 });
  });

  it("are found in Responses and Anthropic calls, in results of tools too", () => {
    const shot = {
      type: "computer_call_output",
      call_id: "c",
      output: { type: "computer_screenshot", image_url: "https://x" },
    };
    const result = {
      type: "function_call_output",
      call_id: "c",
      output: [{ type: "input_image", image_url: "https://x" }],
    };
    expect(readPromptMedia(bodyOf({ input: [shot, result] }))).toEqual({ ...NOTHING, images: 2 });
    const source = { type: "base64", media_type: "image/png", data: LARGE };
    const tool = { type: "tool_result", tool_use_id: "t", content: [{ type: "image", source }] };
    expect(readPromptMedia(chat({ type: "image", source: { type: "url", url: "https://x" } }, tool))).toEqual({
      ...NOTHING,
      images: 2,
      encodedBytes: LARGE.length,
    });
  });

  it("are sounds by their decoded bytes, and without a bound when only their address is there", () => {
    const sound = { type: "input_audio", input_audio: { data: "A".repeat(8_000), format: "wav" } };
    expect(readPromptMedia(chat(sound))).toEqual({ ...NOTHING, soundBytes: 6_000, encodedBytes: 8_000 });
    expect(readPromptMedia(chat({ type: "audio_url", audio_url: { url: "https://x" } })).isOpenEnded).toBe(true);
  });

  it.each([
    [{ type: "file", file: { file_data: LARGE } }, LARGE.length],
    [{ type: "input_file", file_data: LARGE }, LARGE.length],
    [{ type: "input_file", file_id: "f" }, 0],
    [{ type: "document", source: { type: "base64", data: LARGE } }, LARGE.length],
    [{ type: "document", source: { type: "url", url: "https://x" } }, 0],
    [{ type: "video_url", video_url: { url: `data:video/mp4;base64,${LARGE}` } }, LARGE.length + 22],
    [{ type: "video", video: ["https://x/1.png"] }, 0],
    [{ type: "container_upload", file_id: "f" }, 0],
  ])("have no bound in %o", (part, encodedBytes) => {
    expect(readPromptMedia(chat(part))).toEqual({ ...NOTHING, isOpenEnded: true, encodedBytes });
  });

  it("of a document are its parts, and of a text none", () => {
    const text = { type: "document", source: { type: "text", data: LARGE, media_type: "text/plain" } };
    expect(readPromptMedia(chat(text))).toEqual(NOTHING);
    const parts = {
      type: "document",
      source: { type: "content", content: [{ type: "image", source: { type: "url" } }] },
    };
    expect(readPromptMedia(chat(parts))).toEqual({ ...NOTHING, images: 1 });
  });

  it("have no bound in a stored prompt", () => {
    expect(
      readPromptMedia(bodyOf({ prompt: { id: "p", variables: { a: { type: "input_image" } } } })).isOpenEnded,
    ).toBe(true);
  });

  it("are no way to pass text off as something else", () => {
    const spoof = chat(image("\u0000999999999"), { type: "text", text: LARGE });
    expect(readPromptMedia(spoof)).toEqual({ images: 1, soundBytes: 0, isOpenEnded: true, encodedBytes: 0 });
    const inTool = { type: "tool_use", id: "t", name: "n", input: { type: "image", source: { data: LARGE } } };
    expect(readPromptMedia(chat(inTool))).toEqual(NOTHING);
  });

  it("are found among strings with escapes of every kind", () => {
    const text = `\\"\\\\ ${"\\".repeat(5_001)}" end`;
    expect(readPromptMedia(chat({ type: "text", text }, image("https://x")))).toEqual({ ...NOTHING, images: 1 });
    expect(readPromptMedia(chat({ type: "text", text: `${text}\\` }, image("https://x")))).toEqual({
      ...NOTHING,
      images: 1,
    });
  });
});
