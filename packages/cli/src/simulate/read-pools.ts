// `--profile` and `--replicas`: the pools that are compared. `8b-a100` with `--replicas 2,4` is two pools; `2*8b-a100+2*8b-l40s` is one, mixed.
import { ENGINE_PROFILES, type EngineProfile } from "@flyball/engine-model";
import { parseWholeNumber } from "../command-line/command-input.ts";
import { usageError } from "../messages/localised-error.ts";
import { splitList } from "./split-list.ts";

/** Replicas that serve together. */
export interface Pool {
  /** `4 × 8b-a100`, `2 × 8b-a100 + 2 × 8b-l40s` */
  readonly name: string;
  readonly profiles: readonly EngineProfile[];
}

const MAX_REPLICAS = 1_000;
const DEFAULT_PROFILE = "8b-a100";

/** All pools that the options ask for. FB_CLI_USAGE for a profile that is not known, or counts that are said twice. */
export function readPools(profiles: readonly string[], replicas: readonly string[]): readonly Pool[] {
  const names = splitList(profiles);
  const counts = splitList(replicas).map((text) => parseWholeNumber(text, "--replicas", { min: 1, max: MAX_REPLICAS }));
  const isCounted = (text: string): boolean => /[*+]/.test(text);
  if (counts.length > 0 && names.length > 0 && names.every(isCounted))
    throw usageError("simulate.counted-twice", { profile: names[0] ?? "" }, "flyball simulate --help");
  return (names.length === 0 ? [DEFAULT_PROFILE] : names).flatMap((text) =>
    isCounted(text)
      ? [mixedPool(text)]
      : (counts.length === 0 ? [1] : counts).map((count) => poolOf([[count, readProfile(text)]])),
  );
}

/** The profile of that name; FB_CLI_USAGE otherwise. */
export function readProfile(name: string): EngineProfile {
  const known: Readonly<Record<string, EngineProfile>> = ENGINE_PROFILES;
  const profile = Object.hasOwn(known, name) ? known[name] : undefined;
  if (profile !== undefined) return profile;
  throw usageError("simulate.profile", { seen: name, names: Object.keys(known).join(", ") }, "flyball simulate --help");
}

/** Replicas of one kind. */
export function evenPool(replicas: number, profile: EngineProfile): Pool {
  return poolOf([[replicas, profile]]);
}

function mixedPool(text: string): Pool {
  return poolOf(
    text.split("+").map((part) => {
      const [, count = "1", name = ""] = /^(?:(\d+)\*)?(.+)$/.exec(part.trim()) ?? [];
      return [parseWholeNumber(count, "--profile", { min: 1, max: MAX_REPLICAS }), readProfile(name)];
    }),
  );
}

function poolOf(parts: readonly (readonly [count: number, profile: EngineProfile])[]): Pool {
  return {
    name: parts.map(([count, { name }]) => `${count} × ${name}`).join(" + "),
    profiles: parts.flatMap(([count, profile]) => Array.from({ length: count }, () => profile)),
  };
}
