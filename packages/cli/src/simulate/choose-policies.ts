// `--policy flyball,least-request`: finds policies of the catalogue by a name that is easy to type. `token-aware (llm-d)` is `token-aware` or
// `token-aware-llm-d`, `flyball, by arrival` is `flyball-by-arrival`.
import { nearestName } from "@flyball/core";
import type { PolicySpec } from "@flyball/sim";
import { usageError } from "../messages/localised-error.ts";
import { splitList } from "./split-list.ts";

/** Ours, and what most gateways do. */
const DEFAULT_POLICIES = ["flyball", "least-request", "round-robin"];

/** The policies that are asked for, in that order. FB_CLI_USAGE names all when one is not known. */
export function choosePolicies(words: readonly string[], catalogue: readonly PolicySpec[]): readonly PolicySpec[] {
  const chosen = splitList(words);
  return (chosen.length === 0 ? DEFAULT_POLICIES : chosen).map((word) => findPolicy(word, catalogue));
}

function findPolicy(word: string, catalogue: readonly PolicySpec[]): PolicySpec {
  const slug = slugOf(word);
  const found =
    catalogue.find(({ name }) => slugOf(name) === slug) ??
    catalogue.find(({ name }) => slugOf(name.replaceAll(/ \([^)]*\)/g, "")) === slug);
  if (found !== undefined) return found;
  const slugs = catalogue.map(({ name }) => slugOf(name));
  const near = nearestName(slug, slugs);
  const said = { seen: word, names: slugs.join(", ") };
  if (near === undefined) throw usageError("simulate.policy", said, "flyball simulate --help");
  throw usageError("simulate.policy-near", { ...said, near }, "flyball simulate --help");
}

/** Letters and digits with single dashes between; a γ is a g. */
function slugOf(name: string): string {
  return name
    .toLowerCase()
    .replaceAll("γ", "g")
    .replaceAll("+ queue", "queue")
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
}
