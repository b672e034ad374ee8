import fc from "fast-check";
import { PassThrough } from "node:stream";
import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { createReplyReader, type SmtpReply } from "./reply-reader.ts";

/** Everything that a reader makes of these pieces before the other side closes. */
async function read(
  pieces: readonly Buffer[],
): Promise<{ readonly replies: readonly SmtpReply[]; readonly error: string }> {
  const stream = new PassThrough();
  const reader = createReplyReader(stream as unknown as Socket);
  const replies: SmtpReply[] = [];
  for (const piece of pieces) stream.write(piece);
  stream.end();
  stream.on("end", () => stream.emit("close"));
  try {
    for (;;) replies.push(await reader.next());
  } catch (error) {
    return { replies, error: (error as Error).message };
  }
}

describe("replies of a mail server", () => {
  it("are the same however the network cuts them", async () => {
    const text = "220 ready\r\n250-mail.test\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n354\r\n250 done\n";
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: text.length - 1 }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(cuts, async (places) => {
        const bounds = [0, ...places.toSorted((a, b) => a - b), text.length];
        const pieces = bounds.slice(1).map((end, index) => Buffer.from(text.slice(bounds[index], end)));
        const { replies, error } = await read(pieces);
        expect(replies).toEqual([
          { code: 220, lines: ["ready"] },
          { code: 250, lines: ["mail.test", "STARTTLS", "AUTH PLAIN"] },
          { code: 354, lines: [""] },
          { code: 250, lines: ["done"] },
        ]);
        expect(error).toContain("closed");
      }),
      { numRuns: 50 },
    );
  });

  it("never make the reader hang or take codes that are none, whatever comes", async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.stringMatching(/^[2-6][0-9-]{0,4}[ -]?[a-z\r\n]{0,20}$/),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(bytes, { maxLength: 10 }), async (pieces) => {
        const { replies, error } = await read(pieces.map((piece) => Buffer.from(piece as string)));
        expect(replies.every(({ code }) => code >= 200 && code < 600)).toBe(true);
        expect(error).not.toBe("");
      }),
      { numRuns: 200 },
    );
  });

  it("that do not end are cut off", async () => {
    const { error } = await read([Buffer.from(`250-${"x".repeat(40_000)}`)]);
    expect(error).toContain("more than a reply may hold");
  });
});
