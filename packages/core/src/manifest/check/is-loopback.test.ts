import { expect, test } from "vitest";
import { isLoopback } from "./is-loopback.ts";

test.each(["127.0.0.1", "127.255.255.254", "::1", "localhost"])("%s is reached from this machine only", (host) => {
  expect(isLoopback(host)).toBe(true);
});

test.each([
  "0.0.0.0",
  "::",
  "10.0.0.1",
  "127.0.0.1.example.org",
  "127.0.0.256",
  "127.1",
  "localhost.example.org",
  "::ffff:10.0.0.1",
  "",
])("%s is not", (host) => {
  expect(isLoopback(host)).toBe(false);
});
