// The command line of an engine process.

import { ENGINE_PROFILES } from "@flyball/engine-model";
import { describe, expect, it } from "vitest";
import { readEngineArguments } from "./engine-arguments.ts";

describe("readEngineArguments", () => {
  it("binds loopback on a free port unless the environment says otherwise", () => {
    expect(readEngineArguments(["extractive"], {})).toEqual({
      outcome: "extractive",
      options: { host: "127.0.0.1", port: 0 },
    });
    expect(readEngineArguments(["extractive", "--model", "m"], { HOST: "::1", PORT: "8123" })).toEqual({
      outcome: "extractive",
      options: { host: "::1", port: 8123, model: "m" },
    });
  });

  it("reads every ability of the simulated engine", () => {
    const flags =
      "--prefill-rate 5000 --step-ms 12.5 --per-sequence-ms 0.1 --concurrency 4 --queue 8 --output-tokens 16 --grace-ms 50 " +
      "--step-tokens 512 --kv-tokens 9000 --no-prefix-cache --scheduling-policy priority --jitter 0.1 --seed 7 --speed 20";
    expect(readEngineArguments(["simulated", ...flags.split(" ")], {})).toEqual({
      outcome: "simulated",
      options: {
        host: "127.0.0.1",
        port: 0,
        graceMs: 50,
        maxWaiting: 8,
        outputTokens: 16,
        schedulingPolicy: "priority",
        seed: 7,
        speed: 20,
        profile: {
          perTokenMs: 0.2,
          stepBaseMs: 12.5,
          perSequenceMs: 0.1,
          maxConcurrency: 4,
          maxTokensPerStep: 512,
          kvCapacityTokens: 9000,
          hasPrefixCache: false,
          jitter: 0.1,
        },
      },
    });
  });

  it("takes a profile as it is but for what other flags say", () => {
    const read = readEngineArguments(
      ["simulated", "--profile", "serial-4", "--concurrency", "2", "--prefix-cache"],
      {},
    );
    expect(read).toEqual({
      outcome: "simulated",
      options: {
        host: "127.0.0.1",
        port: 0,
        profile: { ...ENGINE_PROFILES["serial-4"], maxConcurrency: 2, hasPrefixCache: true },
      },
    });
  });

  it.each([
    [[], {}, "Expected an engine"],
    [["llama"], {}, "'llama'"],
    [["extractive", "--step-ms", "5"], {}, "--step-ms"],
    [["extractive", "extra"], {}, "extra"],
    [["extractive", "--model", ""], {}, "--model"],
    [["extractive"], { PORT: "http" }, "PORT must be a whole number from 0 to 65535; got 'http'."],
    [["extractive"], { PORT: "70000" }, "PORT"],
    [["simulated", "--concurrency", "0"], {}, "--concurrency must be a whole number from 1 up; got '0'."],
    [["simulated", "--concurrency", "1.5"], {}, "--concurrency"],
    [["simulated", "--step-ms", ""], {}, "--step-ms"],
    [["simulated", "--profile", "8b-tpu"], {}, "--profile must be one of 8b-a100, 8b-h100"],
    [["simulated", "--profile", "constructor"], {}, "--profile"],
    [["simulated", "--scheduling-policy", "lifo"], {}, "--scheduling-policy must be fcfs or priority; got 'lifo'."],
    [["simulated", "--jitter", "2"], {}, "--jitter must be a number from 0 to 1; got '2'."],
    [["simulated", "--speed", "0"], {}, "--speed"],
    [["simulated", "--kv-tokens", "0"], {}, "--kv-tokens"],
    [["simulated", "--step-tokens", "0"], {}, "--step-tokens must be a whole number from 1 up; got '0'."],
    [["simulated", "--prefix-cache=yes"], {}, "--prefix-cache"],
  ])("says what is wrong with %j and %j", (argv, environment, message) => {
    const read = readEngineArguments(argv, environment);
    expect(read).toMatchObject({ outcome: "invalid", message: expect.stringContaining(message) as string });
  });
});
