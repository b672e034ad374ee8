// What a Claude model takes, by the version in its name. Sources: Anthropic's API reference and model notes as of 2026 (thinking,
// structured outputs, prefill). A name without a known version that begins with claude is newer than this table; any other name is a
// model behind a compatible endpoint, which has the oldest powers.

/** Powers of one model. */
export interface ClaudePowers {
  /** adaptive: `thinking: {type: adaptive}` with an effort (4.6 on). budget: a number of tokens (3.7 to 4.5). */
  readonly thinking: "adaptive" | "budget" | "none";
  /** `output_config.format` (Opus 4.1 and all from 4.5 on). */
  readonly hasOutputFormat: boolean;
  /** An assistant's last message is continued (all before 4.6). */
  readonly hasPrefill: boolean;
}

const COMPATIBLE: ClaudePowers = { thinking: "budget", hasOutputFormat: false, hasPrefill: true };
const NEWEST: ClaudePowers = { thinking: "adaptive", hasOutputFormat: true, hasPrefill: false };

/** The powers of a model by its name (also with a region, a date or a provider's prefix around it). */
export function claudePowers(model: string): ClaudePowers {
  const name = model.toLowerCase();
  if (!name.includes("claude")) return COMPATIBLE;
  const match = /claude-(?:[a-z]+-)?(\d{1,2})(?:[-.](\d{1,2}))?(?!\d)/.exec(name);
  if (!match) return NEWEST;
  const version = Number(match[1]) + Number(match[2] ?? 0) / 100;
  if (version >= 4.06) return NEWEST;
  return {
    thinking: version >= 3.07 ? "budget" : "none",
    hasOutputFormat: version >= 4.05 || (name.includes("opus") && version === 4.01),
    hasPrefill: true,
  };
}
