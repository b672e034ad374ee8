import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  appTag,
  configVariable,
  environmentName,
  instanceTag,
  secretVariable,
  serviceUrlVariable,
  volumeVariable,
} from "./instance-tag.ts";

test("the tag names app, clone, service and ordinal", () => {
  expect(appTag("qa", "3f9a01c2")).toBe("qa.3f9a01c2");
  expect(instanceTag("qa", "3f9a01c2", "question", 0)).toBe("qa.3f9a01c2/question/0");
  expect(instanceTag("qa", "3f9a01c2", "@gateway", 2)).toBe("qa.3f9a01c2/@gateway/2");
});

test("a sweep for one app finds no instance of an app whose name begins alike", () => {
  expect(instanceTag("qa2", "3f9a01c2", "a", 0).startsWith(`${appTag("qa", "3f9a01c2")}/`)).toBe(false);
  expect(instanceTag("qa", "3f9a01c2b", "a", 0).startsWith(`${appTag("qa", "3f9a01c2")}/`)).toBe(false);
});

test("variables of services, volumes, configs and secrets", () => {
  expect(serviceUrlVariable("vector-store")).toBe("FLYBALL_VECTOR_STORE_URL");
  expect(volumeVariable("pg-data")).toBe("FLYBALL_VOLUME_PG_DATA");
  expect(configVariable("prompts")).toBe("FLYBALL_CONFIG_PROMPTS");
  expect(secretVariable("api-key")).toBe("FLYBALL_SECRET_API_KEY");
});

test("two different names of the manifest never become one variable", () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/);
  fc.assert(
    fc.property(name, name, (a, b) => {
      fc.pre(a !== b);
      expect(environmentName(a)).not.toBe(environmentName(b));
      expect(environmentName(a)).toMatch(/^[A-Z][A-Z0-9_]*$/);
    }),
  );
});
