import { expect, onTestFinished, test } from "vitest";
import { requestReview } from "./review-request.ts";
import { json, startFake } from "./services/testing/start-fake.ts";

const candidate = {
  id: 3,
  question: "q?",
  answer: "a",
  model: "m",
  state: "approved",
  expires: "2030-01-02T00:00:00.000Z",
  sources: [{ id: "cache" }],
};

test("candidates are listed, approved and rejected through the database", async () => {
  const fake = await startFake(({ url }, response) => {
    if (url === "/candidates") json(response, 200, { candidates: [candidate] });
    else if (url === "/candidates/3/approve") json(response, 200, candidate);
    else json(response, 404, { error: { code: "QA_UNKNOWN_CANDIDATE" } });
  });
  onTestFinished(() => fake.stop());
  expect((await requestReview([], fake.url)).output).toBe("3  q?\n    a\n    m, expires 2030-01-02, sources: cache");
  expect(await requestReview(["approve", "3"], fake.url)).toEqual({
    output: "approved until 2030-01-02: q?",
    isOk: true,
  });
  expect(fake.seen.at(-1)?.headers["content-type"]).toBe("application/json");
  expect(await requestReview(["reject", "4"], fake.url)).toMatchObject({
    isOk: false,
    output: expect.stringContaining("404"),
  });
});

test.each([
  [["approve"], "http://127.0.0.1:1"],
  [["remove", "1"], "http://127.0.0.1:1"],
  [[], undefined],
])("the command %j with the address %s is refused without a request", async (words, url) => {
  expect((await requestReview(words, url)).isOk).toBe(false);
});
