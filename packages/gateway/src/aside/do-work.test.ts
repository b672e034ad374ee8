import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { bodyDigest } from "../cache/request-digest.ts";
import type { DialectName } from "../dialects/dialect.ts";
import { findDialect } from "../dialects/find-dialect.ts";
import { findProviderTraits } from "../dialects/find-provider-traits.ts";
import { readPromptMedia } from "../dialects/prompt-media.ts";
import { parseJsonKeepingNumbers } from "../dialects/raw-json.ts";
import { fixturesIn, TESTDATA } from "../dialects/testdata/golden-file.ts";
import { writeTranslated } from "../dialects/write-translated.ts";
import type { AsideWork } from "./aside-work.ts";
import { doWork } from "./do-work.ts";

const NAMES: readonly DialectName[] = ["openai-chat", "openai-responses", "anthropic-messages"];
const CALLS = NAMES.flatMap((name) => {
  const folder = join(TESTDATA, "requests", name);
  return fixturesIn(folder, ".json").map(
    (fixture) => [name, fixture, readFileSync(join(folder, `${fixture}.json`))] as const,
  );
});

function translation(
  from: DialectName,
  provider: string,
  maxTokens?: number,
): Extract<AsideWork, { kind: "translate" }> {
  const traits = findProviderTraits(provider);
  return { kind: "translate", from, to: traits.dialect, model: "there", traits, maxTokens };
}

describe("what the thread beside a worker does", () => {
  it.each(CALLS)("writes the call %s/%s as the worker itself would", (from, _fixture, body) => {
    for (const [provider, maxTokens] of [
      ["openai", undefined],
      ["vllm", 9],
      ["anthropic", undefined],
    ] as const) {
      // What crosses to the thread is a copy.
      const work = structuredClone(translation(from, provider, maxTokens));
      const request = findDialect(from).readRequest(parseJsonKeepingNumbers(body.toString()));
      const direct = writeTranslated(
        request,
        { dialect: findDialect(work.to), model: work.model, traits: work.traits },
        maxTokens,
      );
      const result = doWork(work, body);
      if (result.kind !== "written") throw new Error(result.kind);
      const { written } = result;
      if (written.kind === "refused" || direct.kind === "refused") {
        expect(written).toEqual(direct);
        continue;
      }
      expect({ ...written.value, body: Buffer.from(written.value.body).toString() }).toEqual({
        ...direct.value,
        body: direct.value.body.toString(),
      });
      expect(written.value.body.buffer.byteLength).toBe(written.value.body.length);
    }
  });

  it.each(CALLS)(
    "finds out of the call %s/%s what the worker itself would, as far as it was asked",
    (_from, _fixture, body) => {
      expect(doWork({ kind: "survey", wantsMedia: true, wantsDigest: true }, body)).toEqual({
        kind: "surveyed",
        survey: { media: readPromptMedia(body), digest: bodyDigest(body) },
      });
      expect(doWork({ kind: "survey", wantsMedia: false, wantsDigest: false }, body)).toEqual({
        kind: "surveyed",
        survey: { media: undefined, digest: undefined },
      });
    },
  );

  it("says what went wrong in it, and ends nothing", () => {
    const defect = { ...translation("openai-chat", "anthropic"), from: "no-dialect" as DialectName };
    expect(doWork(defect, Buffer.from("{}"))).toEqual({ kind: "threw", reason: expect.any(String) });
  });
});
