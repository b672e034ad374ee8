import { FlyballError } from "@flyball/core";
import { describe, expect, it } from "vitest";
import {
  composeText,
  englishOf,
  errorText,
  firstLineOf,
  reasonField,
  storedText,
  textFields,
  verbatim,
} from "./compose-text.ts";
import { CONTROL_TEXTS } from "./control-texts.ts";

const how = composeText("exit.code", { code: 3 });
const decision = composeText("restart.due", { how, crash: composeText("crash.first"), delayMs: 0 });
const sentence = composeText("exit.decided", { instance: "api/0", decision, seconds: "0.1" });
const whole = composeText("exit.last-lines", { sentence, service: "api", lines: "one\n  two" });

describe("a composed text", () => {
  it("is a sentence in English, with the texts inside it", () => {
    expect(englishOf(whole)).toBe(
      "api/0 exited with code 3; first crash; next start in 0 ms, after 0.1 s\nLast lines:\n  one\n  two\nTry: flyball logs api",
    );
  });

  it("has a first line, also inside another text", () => {
    const first = "api/0 exited with code 3; first crash; next start in 0 ms, after 0.1 s";
    expect(englishOf(firstLineOf(whole))).toBe(first);
    expect(englishOf(firstLineOf(composeText("gate.needs", { service: "api", reason: whole })))).toBe(
      `needs api: ${first}`,
    );
    expect(englishOf(firstLineOf(verbatim("one\ntwo")))).toBe("one");
  });

  it("keeps the code of an error, and the words of one that has none", () => {
    const error = new FlyballError("FB_DRIVER_NO_PORT", { service: "api", from: 1, to: 2 });
    expect(errorText(error)).toEqual({ key: "message.FB_DRIVER_NO_PORT", values: { service: "api", from: 1, to: 2 } });
    expect(englishOf(errorText(error))).toBe(error.message);
    expect(englishOf(errorText(error, "hint"))).toBe(error.hint);
    expect(errorText(new Error("boom"))).toEqual(verbatim("boom"));
  });

  it("that a newer program stored still shows its values", () => {
    expect(englishOf({ key: "exit.eaten", values: { instance: "api/0", how } })).toBe("api/0 exited with code 3");
  });

  it("has every line break of the catalogue behind a part named sentence", () => {
    const broken = Object.entries(CONTROL_TEXTS).filter(
      ([, text]) => text.includes("\n") && !text.startsWith("{sentence}\n"),
    );
    expect(broken).toEqual([]);
  });
});

describe("fields of the API", () => {
  it("have the sentence, and what it was composed of beside it", () => {
    expect(textFields({ reason: how, result: verbatim("x") })).toEqual({
      reason: "exited with code 3",
      result: "x",
      composed: { reason: how },
    });
    expect(reasonField(undefined)).toEqual({});
    expect(reasonField(verbatim("said by a person"))).toEqual({ reason: "said by a person" });
  });

  it("are taken up again, word for word where nothing was composed", () => {
    expect(storedText(textFields({ reason: whole }), "reason")).toEqual(whole);
    expect(storedText({ reason: "from before" }, "reason")).toEqual(verbatim("from before"));
    expect(storedText({} as { reason?: string }, "reason")).toBeUndefined();
  });
});
