// `--attainment 95`: the share of requests that has to keep the objective.
import type { CommandInput } from "../command-line/command-context.ts";
import { textOption } from "../command-line/command-input.ts";
import { usageError } from "../messages/localised-error.ts";

const USUAL = 0.95;

/** As a share; FB_CLI_USAGE when it is not a percentage from 50 to 99.9. */
export function readAttainment(input: CommandInput): number {
  const text = textOption(input, "attainment");
  if (text === undefined) return USUAL;
  const percent = /^\d+(\.\d+)?%?$/.test(text) ? Number.parseFloat(text) : Number.NaN;
  if (percent >= 50 && percent <= 99.9) return percent / 100;
  throw usageError("simulate.attainment", { seen: text }, "flyball simulate --help");
}
