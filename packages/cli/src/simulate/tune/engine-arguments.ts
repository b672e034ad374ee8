// Which arguments of an engine say what `flyball tune` searches: Flyball's simulated engine in `serve`, vLLM and SGLang as commands.
import type { EngineProfile } from "@flyball/engine-model";
import type { ServiceSpec } from "@flyball/core";

/** Where the arguments stand in a service of the manifest. */
export type ArgumentPlace = readonly ["serve", "args"] | readonly ["command"];

/** An engine that is known. */
export interface EngineDialect {
  readonly name: string;
  readonly place: ArgumentPlace;
  /** Requests that run at once. */
  readonly concurrencyFlag: string;
  /** Tokens of a step. */
  readonly chunkFlag: string;
}

const SIMULATED: EngineDialect = {
  name: "simulated",
  place: ["serve", "args"],
  concurrencyFlag: "--concurrency",
  chunkFlag: "--step-tokens",
};
const PROGRAMS: readonly (readonly [word: RegExp, dialect: EngineDialect])[] = [
  [
    /vllm/,
    { name: "vllm", place: ["command"], concurrencyFlag: "--max-num-seqs", chunkFlag: "--max-num-batched-tokens" },
  ],
  [
    /sglang/,
    {
      name: "sglang",
      place: ["command"],
      concurrencyFlag: "--max-running-requests",
      chunkFlag: "--chunked-prefill-size",
    },
  ],
];

/** Flags of the simulated engine that change its profile. */
const SIMULATED_FIELDS: readonly (readonly [
  flag: string,
  field: "kvCapacityTokens" | "stepBaseMs" | "perSequenceMs" | "jitter",
])[] = [
  ["--kv-tokens", "kvCapacityTokens"],
  ["--step-ms", "stepBaseMs"],
  ["--per-sequence-ms", "perSequenceMs"],
  ["--jitter", "jitter"],
];

/** The engine of a service; undefined where it is none that can be simulated. */
export function dialectOf({ serve, command }: Pick<ServiceSpec, "serve" | "command">): EngineDialect | undefined {
  if (serve?.engine === "simulated") return SIMULATED;
  const words = (command ?? []).join(" ");
  return PROGRAMS.find(([word]) => word.test(words))?.[1];
}

/** The arguments of a service's engine. */
export function argumentsOf({ serve, command }: Pick<ServiceSpec, "serve" | "command">): readonly string[] {
  return serve?.args ?? command ?? [];
}

/** The value of `--flag value` or `--flag=value`; the last one counts. */
export function flagValue(words: readonly string[], flag: string): string | undefined {
  const index = words.findLastIndex((word) => word === flag || word.startsWith(`${flag}=`));
  if (index < 0) return undefined;
  const word = words[index] ?? "";
  return word === flag ? words[index + 1] : word.slice(flag.length + 1);
}

/** A profile with what the arguments say of it. */
export function profileWith(profile: EngineProfile, dialect: EngineDialect, words: readonly string[]): EngineProfile {
  const numberOf = (flag: string): number | undefined => {
    const value = Number(flagValue(words, flag));
    return Number.isFinite(value) && value > 0 ? value : undefined;
  };
  const prefillRate = dialect === SIMULATED ? numberOf("--prefill-rate") : undefined;
  const own = dialect === SIMULATED ? SIMULATED_FIELDS.map(([flag, field]) => [field, numberOf(flag)] as const) : [];
  const maxConcurrency = numberOf(dialect.concurrencyFlag);
  const maxTokensPerStep = numberOf(dialect.chunkFlag);
  return {
    ...profile,
    ...Object.fromEntries(own.filter(([, value]) => value !== undefined)),
    ...(prefillRate === undefined ? {} : { perTokenMs: 1_000 / prefillRate }),
    ...(maxConcurrency === undefined ? {} : { maxConcurrency }),
    ...(maxTokensPerStep === undefined ? {} : { maxTokensPerStep }),
    ...(dialect === SIMULATED && words.includes("--prefix-cache") ? { hasPrefixCache: true } : {}),
    ...(words.includes("--no-prefix-cache") ? { hasPrefixCache: false } : {}),
  };
}
