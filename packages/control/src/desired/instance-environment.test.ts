import { expect, it } from "vitest";
import { instanceEnvironment } from "./instance-environment.ts";

it("instances inherit everything but Flyball's own cache of compiled code", () => {
  expect(instanceEnvironment({ A: "1", NODE_COMPILE_CACHE: "/c", FLYBALL_COMPILE_CACHE: "/c" })).toEqual({ A: "1" });
  const chosen = { A: "1", NODE_COMPILE_CACHE: "/mine" };
  expect(instanceEnvironment(chosen)).toEqual(chosen);
  expect(instanceEnvironment({ ...chosen, FLYBALL_COMPILE_CACHE: "/c" })).toEqual(chosen);
});
