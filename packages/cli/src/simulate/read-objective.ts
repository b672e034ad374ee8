// `--objective ttft=2s,itl=100ms`: what a request has to keep to count as good.
import { OBJECTIVES, type Objective } from "@flyball/sim";
import { parseDuration } from "../command-line/parse-duration.ts";
import { usageError } from "../messages/localised-error.ts";

const PARTS: Readonly<Record<string, "ttftMs" | "tpotMs">> = { ttft: "ttftMs", itl: "tpotMs" };

/** The objective; what is not said is as in the standard one (2 s, 100 ms). A name of a usual one will do. FB_CLI_USAGE otherwise. */
export function readObjective(text: string | undefined): Objective {
  if (text === undefined) return OBJECTIVES.standard;
  if (Object.hasOwn(OBJECTIVES, text)) return OBJECTIVES[text as keyof typeof OBJECTIVES];
  const objective = { ...OBJECTIVES.standard } as { ttftMs: number; tpotMs: number };
  for (const part of text.split(",")) {
    const [name = "", value = ""] = part.trim().split("=", 2);
    const field = Object.hasOwn(PARTS, name) ? PARTS[name] : undefined;
    if (field === undefined) {
      const names = Object.keys(OBJECTIVES).join(", ");
      throw usageError("simulate.objective", { seen: text, names }, "flyball simulate --help");
    }
    objective[field] = parseDuration(value, `--objective ${name}`);
  }
  return objective;
}
