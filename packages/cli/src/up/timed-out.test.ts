import { expect, test } from "vitest";
import { en } from "../messages/en.ts";
import { createTranslate } from "../messages/translate.ts";
import { describeError } from "../output/report-error.ts";
import { makeInstance, makeServiceStatus, makeStatus } from "../testing/make-status.ts";
import { timedOut } from "./timed-out.ts";

const translate = createTranslate(en);

async function hintFor(status: ReturnType<typeof makeStatus> | undefined): Promise<string> {
  const error = timedOut(status, { revision: 3, limitMs: 5_000, translate });
  return (await describeError(error, { translate, language: "en" })).hint;
}

test("a replacement that does not become ready beside the old instance is named", async () => {
  const old = makeInstance("api/0", { revision: 2 });
  const fresh = makeInstance("api/1", {
    revision: 3,
    state: "starting",
    reason: "nothing listens on port 20001\nmore",
  });
  const hint = await hintFor(makeStatus([makeServiceStatus("api", [old, fresh])]));
  expect(hint).toContain("api/1 of revision 3: ◌ starting (nothing listens on port 20001)");
  expect(hint).not.toMatch(/api\/0|gateway|more/);
});

test("a service that is not there is named with its reason, once", async () => {
  const fresh = makeInstance("api/0", { revision: 3, state: "starting" });
  const api = makeServiceStatus("api", [fresh], { state: "starting", reason: "it waits" });
  const hint = await hintFor(makeStatus([api]));
  expect(hint).toContain("api ◌ starting (it waits)");
  expect(hint).not.toContain("revision 3");
});

test("where everything is ready it is the gateway, and without an answer control", async () => {
  expect(await hintFor(makeStatus([makeServiceStatus("api", [makeInstance("api/0", { revision: 3 })])]))).toContain(
    "the gateway does not serve it yet",
  );
  expect(await hintFor(undefined)).toContain("control does not say");
});
