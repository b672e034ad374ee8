import { expect, test } from "vitest";
import { mergeAmendments } from "./merge-amendments.ts";

test("maps are merged and everything else is replaced, without changing what is merged", () => {
  const earlier = { services: { api: { ports: [1] }, web: {} }, secrets: { a: 1 } };
  const later = { services: { api: { ports: [2], replicas: 3 } }, secrets: null };
  expect(mergeAmendments(earlier, later)).toEqual({
    services: { api: { ports: [2], replicas: 3 }, web: {} },
    secrets: null,
  });
  expect(earlier.services.api).toEqual({ ports: [1] });
});
