import { expect, it } from "vitest";
import { localShare } from "./local-share.ts";

it("divides a limit by the gateways seen last, and never to nothing", () => {
  expect([localShare(100, 3), localShare(100, 1), localShare(100, 0), localShare(2, 3), localShare(0, 3)]).toEqual([
    33, 100, 100, 1, 0,
  ]);
});
