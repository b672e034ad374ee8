// The command line of an engine process: which engine, under which name, with which abilities. HOST and PORT come from the
// environment, as they do for every instance.

import { parseArgs } from "node:util";
import { ENGINE_PROFILES } from "@flyball/engine-model";
import type { EngineProfile } from "@flyball/engine-model";
import type { EngineServerOptions } from "./running-engine.ts";
import type { SimulatedEngineOptions } from "./simulated/simulated-engine.ts";

/** What to start, or what is wrong with the arguments. */
export type EngineArguments =
  | { readonly outcome: "extractive"; readonly options: EngineServerOptions }
  | { readonly outcome: "simulated"; readonly options: EngineServerOptions & SimulatedEngineOptions }
  | { readonly outcome: "invalid"; readonly message: string };

/** Printed with every complaint about the arguments. */
export const engineUsage = `Usage: extractive [--model NAME] [--grace-ms N]
       simulated  [--model NAME] [--grace-ms N] [--profile ${Object.keys(ENGINE_PROFILES).join("|")}]
                  [--prefill-rate TOKENS_PER_SECOND] [--step-ms N] [--per-sequence-ms N] [--concurrency N] [--queue N]
                  [--step-tokens N] [--kv-tokens N] [--prefix-cache | --no-prefix-cache] [--scheduling-policy fcfs|priority]
                  [--output-tokens N] [--jitter SHARE] [--seed N] [--speed FACTOR]
HOST (127.0.0.1) and PORT (0, a free one) are read from the environment.`;

const commonFlags = { model: { type: "string" }, "grace-ms": { type: "string" } } as const;
const simulatedFlags = {
  ...commonFlags,
  profile: { type: "string" },
  "prefill-rate": { type: "string" },
  "step-ms": { type: "string" },
  "per-sequence-ms": { type: "string" },
  concurrency: { type: "string" },
  queue: { type: "string" },
  "output-tokens": { type: "string" },
  "step-tokens": { type: "string" },
  "kv-tokens": { type: "string" },
  "prefix-cache": { type: "boolean" },
  "scheduling-policy": { type: "string" },
  jitter: { type: "string" },
  seed: { type: "string" },
  speed: { type: "string" },
} as const;

/** Reads the arguments after the program's name and the environment. Never throws. */
export function readEngineArguments(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): EngineArguments {
  const [engine, ...rest] = argv;
  try {
    switch (engine) {
      case "extractive": {
        const { values } = parseArgs({ args: rest, options: commonFlags, strict: true });
        return { outcome: "extractive", options: serverOptions(values, environment) };
      }
      case "simulated": {
        const { values } = parseArgs({ args: rest, options: simulatedFlags, strict: true, allowNegative: true });
        const { "prefix-cache": hasPrefixCache, ...texts } = values;
        const options = { ...serverOptions(texts, environment), ...simulatedOptions(texts, hasPrefixCache) };
        return { outcome: "simulated", options };
      }
      default: {
        const seen = engine === undefined ? "nothing" : `'${engine}'`;
        return { outcome: "invalid", message: `Expected an engine, extractive or simulated; got ${seen}.` };
      }
    }
  } catch (error) {
    return { outcome: "invalid", message: error instanceof Error ? error.message : String(error) };
  }
}

type Values = Readonly<Record<string, string | undefined>>;

function serverOptions(values: Values, environment: Values): EngineServerOptions {
  const model = values["model"];
  if (model === "") throw new Error("--model must not be empty.");
  const graceMs = readNumber("--grace-ms", values["grace-ms"], { least: 0 });
  const port = readNumber("PORT", environment["PORT"] || undefined, { least: 0, most: 65_535, isWhole: true });
  return {
    host: environment["HOST"] || "127.0.0.1",
    port: port ?? 0,
    ...(model === undefined ? {} : { model }),
    ...(graceMs === undefined ? {} : { graceMs }),
  };
}

function simulatedOptions(values: Values, hasPrefixCache: boolean | undefined): SimulatedEngineOptions {
  const whole = { least: 1, isWhole: true };
  const schedulingPolicy = readPolicy(values["scheduling-policy"]);
  const prefillRate = readNumber("--prefill-rate", values["prefill-rate"], { least: 1 });
  return withoutUndefined({
    profile: {
      ...readProfile(values["profile"]),
      ...withoutUndefined({
        perTokenMs: prefillRate === undefined ? undefined : 1000 / prefillRate,
        stepBaseMs: readNumber("--step-ms", values["step-ms"], { least: 0 }),
        perSequenceMs: readNumber("--per-sequence-ms", values["per-sequence-ms"], { least: 0 }),
        maxConcurrency: readNumber("--concurrency", values["concurrency"], whole),
        maxTokensPerStep: readNumber("--step-tokens", values["step-tokens"], whole),
        kvCapacityTokens: readNumber("--kv-tokens", values["kv-tokens"], whole),
        jitter: readNumber("--jitter", values["jitter"], { least: 0, most: 1 }),
        hasPrefixCache,
      }),
    },
    maxWaiting: readNumber("--queue", values["queue"], { least: 0, isWhole: true }),
    outputTokens: readNumber("--output-tokens", values["output-tokens"], whole),
    schedulingPolicy,
    seed: readNumber("--seed", values["seed"], { least: 0, isWhole: true }),
    speed: readNumber("--speed", values["speed"], { least: 0.01, most: 10_000 }),
  });
}

function readProfile(name: string | undefined): Partial<EngineProfile> {
  if (name === undefined) return {};
  const profiles: Readonly<Record<string, EngineProfile>> = ENGINE_PROFILES;
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (profile !== undefined) return profile;
  throw new Error(`--profile must be one of ${Object.keys(profiles).join(", ")}; got '${name}'.`);
}

function readPolicy(text: string | undefined): "fcfs" | "priority" | undefined {
  if (text === undefined || text === "fcfs" || text === "priority") return text;
  throw new Error(`--scheduling-policy must be fcfs or priority; got '${text}'.`);
}

type Present<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

/** Flags that were not given leave no trace, so that defaults stand. */
function withoutUndefined<T extends object>(values: T): Present<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Present<T>;
}

interface NumberBounds {
  readonly least: number;
  readonly most?: number;
  readonly isWhole?: boolean;
}

function readNumber(name: string, text: string | undefined, bounds: NumberBounds): number | undefined {
  if (text === undefined) return undefined;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  const { least, most = Number.MAX_SAFE_INTEGER, isWhole = false } = bounds;
  if (Number.isFinite(value) && value >= least && value <= most && (!isWhole || Number.isInteger(value))) {
    return value;
  }
  const limit = most === Number.MAX_SAFE_INTEGER ? `from ${least} up` : `from ${least} to ${most}`;
  throw new Error(`${name} must be a ${isWhole ? "whole " : ""}number ${limit}; got '${text}'.`);
}
