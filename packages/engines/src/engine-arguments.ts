// The command line of an engine process: which engine, under which name, with which abilities. HOST and PORT come from the
// environment, as they do for every instance.

import { parseArgs } from "node:util";
import type { EngineServerOptions } from "./running-engine.ts";
import type { SimulatedEngineOptions } from "./simulated/simulated-engine.ts";

/** What to start, or what is wrong with the arguments. */
export type EngineArguments =
  | { readonly outcome: "extractive"; readonly options: EngineServerOptions }
  | { readonly outcome: "simulated"; readonly options: EngineServerOptions & SimulatedEngineOptions }
  | { readonly outcome: "invalid"; readonly message: string };

/** Printed with every complaint about the arguments. */
export const engineUsage = `Usage: extractive [--model NAME] [--grace-ms N]
       simulated  [--model NAME] [--grace-ms N] [--prefill-rate TOKENS_PER_SECOND] [--step-ms N]
                  [--per-sequence-ms N] [--concurrency N] [--queue N] [--output-tokens N]
HOST (127.0.0.1) and PORT (0, a free one) are read from the environment.`;

const commonFlags = { model: { type: "string" }, "grace-ms": { type: "string" } } as const;
const simulatedFlags = {
  ...commonFlags,
  "prefill-rate": { type: "string" },
  "step-ms": { type: "string" },
  "per-sequence-ms": { type: "string" },
  concurrency: { type: "string" },
  queue: { type: "string" },
  "output-tokens": { type: "string" },
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
        const { values } = parseArgs({ args: rest, options: simulatedFlags, strict: true });
        return {
          outcome: "simulated",
          options: { ...serverOptions(values, environment), ...simulatedOptions(values) },
        };
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

function simulatedOptions(values: Values): SimulatedEngineOptions {
  const prefillTokensPerSecond = readNumber("--prefill-rate", values["prefill-rate"], { least: 1 });
  const stepBaseMs = readNumber("--step-ms", values["step-ms"], { least: 0 });
  const perSequenceMs = readNumber("--per-sequence-ms", values["per-sequence-ms"], { least: 0 });
  const maxConcurrency = readNumber("--concurrency", values["concurrency"], { least: 1, isWhole: true });
  const maxWaiting = readNumber("--queue", values["queue"], { least: 0, isWhole: true });
  const outputTokens = readNumber("--output-tokens", values["output-tokens"], { least: 1, isWhole: true });
  return {
    profile: {
      ...(prefillTokensPerSecond === undefined ? {} : { prefillTokensPerSecond }),
      ...(stepBaseMs === undefined ? {} : { stepBaseMs }),
      ...(perSequenceMs === undefined ? {} : { perSequenceMs }),
      ...(maxConcurrency === undefined ? {} : { maxConcurrency }),
    },
    ...(maxWaiting === undefined ? {} : { maxWaiting }),
    ...(outputTokens === undefined ? {} : { outputTokens }),
  };
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
