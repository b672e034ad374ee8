import { isFlyballError } from "@flyball/core";
import { expect, test } from "vitest";
import { substitutePlaceholders, type PlaceholderValues } from "./substitute-placeholders.ts";

const VALUES: PlaceholderValues = {
  service: "api",
  ordinal: 3,
  addresses: { web: { host: "127.0.0.1", port: 20_001 }, sql: { host: "127.0.0.1", port: 20_002 } },
  serviceAddresses: { "vector-store": "127.0.0.1:20003" },
  environment: { FLYBALL_VECTOR_STORE_URL: "http://127.0.0.1:20004" },
};

test.each([
  ["--port=${instance.port}", "--port=20001"],
  ["${instance.port.sql}/${instance.port.web}", "20002/20001"],
  ["worker-${instance.ordinal}", "worker-3"],
  ["postgres://u:${secrets.pg}@${services.vector-store.address}/db", "postgres://u:${secrets.pg}@127.0.0.1:20003/db"],
  ["${services.vector-store.url}/v1", "http://127.0.0.1:20004/v1"],
  ["echo ${HOME} $PORT ${instance", "echo ${HOME} $PORT ${instance"],
])("%s becomes %s", (text, expected) => {
  expect(substitutePlaceholders(text, VALUES)).toBe(expected);
});

test.each([
  ["${instance.port.other}", /its ports are web, sql/],
  ["${instance.name}", /known are/],
  ["${services.other.address}", /other has no address yet/],
  ["${services.vector-store.host}", /known are/],
  ["${services.address}", /has no address/],
])("%s is an error that says why", (text, reason) => {
  expect(() => substitutePlaceholders(text, VALUES)).toThrow(reason);
  expect(() => substitutePlaceholders(text, VALUES)).toThrow(
    expect.toSatisfy((error) => isFlyballError(error, "FB_DRIVER_PLACEHOLDER")),
  );
});

test("a service without ports has no instance.port", () => {
  expect(() => substitutePlaceholders("${instance.port}", { ...VALUES, addresses: {} })).toThrow(/no port/);
});
