// The options of `drill run`, parsed once. Defaults are bounds under which figures mean something.
import type { CommandInput } from "../command-line/command-context.ts";
import { flagOption, numberOption, textOption } from "../command-line/command-input.ts";
import { parseDuration } from "../command-line/parse-duration.ts";
import { usageError } from "../messages/localised-error.ts";

/** What was asked for. */
export interface DrillOptions {
  readonly faults: readonly string[];
  readonly isAll: boolean;
  readonly rounds: number;
  readonly seed: number;
  readonly perSecond: number;
  readonly usesRunning: boolean;
  readonly requestsPath: string | undefined;
  readonly recordPath: string | undefined;
  readonly pagePath: string | undefined;
  readonly target: string | undefined;
  readonly isShadow: boolean;
  readonly maySpend: boolean;
  readonly beforeMs: number;
  readonly windowMs: number;
  readonly lagMs: number;
  readonly stealShare: number;
  readonly mostFailed: number | undefined;
}

const BEFORE_MS = 5_000;
const WINDOW_MS = 10_000;
const LAG_MS = 20;
const STEAL_PERCENT = 5;
const PER_SECOND = 10;

/** Parses the options; FB_CLI_USAGE says what was seen and what is expected. */
export function parseDrillOptions(input: CommandInput): DrillOptions {
  const duration = (name: string, option: string, usual: number): number => {
    const text = textOption(input, name);
    return text === undefined ? usual : parseDuration(text, option);
  };
  const app = textOption(input, "app") ?? "own";
  if (app !== "own" && app !== "running")
    throw usageError("usage.one-of", { what: "--app", choices: "own, running", seen: app });
  const faults = input.positionals;
  const isAll = flagOption(input, "all");
  if (isAll === faults.length > 0) throw usageError("drill.which", {}, "flyball drill list");
  return {
    faults,
    isAll,
    rounds: numberOption(input, "rounds", { min: 1, max: 10_000 }) ?? 1,
    seed: numberOption(input, "seed", { min: 0, max: 2 ** 32 - 1 }) ?? 1,
    perSecond: numberOption(input, "rate", { min: 1, max: 10_000 }) ?? PER_SECOND,
    usesRunning: app === "running",
    requestsPath: textOption(input, "requests"),
    recordPath: textOption(input, "record"),
    pagePath: textOption(input, "html"),
    target: textOption(input, "target"),
    isShadow: flagOption(input, "shadow"),
    maySpend: flagOption(input, "allowSpend"),
    beforeMs: duration("before", "--before", BEFORE_MS),
    windowMs: duration("window", "--window", WINDOW_MS),
    lagMs: duration("maxLag", "--max-lag", LAG_MS),
    stealShare: percentOption(input, "maxSteal", "--max-steal", STEAL_PERCENT) / 100,
    mostFailed: numberOption(input, "mostFailed", { min: 1, max: 1e9 }),
  };
}

function percentOption(input: CommandInput, name: string, option: string, usual: number): number {
  const text = textOption(input, name);
  if (text === undefined) return usual;
  const value = Number(text.replace(/%$/, ""));
  if (text.trim() !== "" && value >= 0 && value <= 100) return value;
  throw usageError("drill.percent", { what: option, seen: text }, "flyball drill run --help");
}
