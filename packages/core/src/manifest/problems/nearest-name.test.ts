import { expect, test } from "vitest";
import { nearestName } from "./nearest-name.ts";

test.each([
  ["comand", ["command", "configs"], "command"],
  ["serivces", ["services", "secrets"], "services"],
  ["Replicas", ["replicas"], "replicas"],
  ["env", ["environment", "env_file"], "env_file"],
  ["port", ["ports"], "ports"],
  ["healthchecks", ["healthcheck"], "healthcheck"],
  ["zzz", ["abc", "def"], undefined],
  ["ab", ["xy"], undefined],
  ["x", ["y"], "y"],
  ["", ["abc"], undefined],
])("for %s of %j the nearest is %s", (seen, known, nearest) => {
  expect(nearestName(seen, known)).toBe(nearest);
});

test("the first of equally near names is taken, and a name is never its own suggestion", () => {
  expect(nearestName("cat", ["bat", "car"])).toBe("bat");
  expect(nearestName("api", ["api", "apii"])).toBe("apii");
});
