// Medians over the rounds with the least and the largest value beside them.
import type { Turn } from "../run-rounds.ts";
import { measureDefinitions, type MeasureDefinition } from "./measure-definition.ts";

/** A measure over the rounds. */
export interface Summary {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  readonly rounds: number;
}

/** Entrant → measure → summary; a measure that no round has is left out. */
export type Summaries = Readonly<Record<string, Readonly<Record<string, Summary>>>>;

/** Summarises every row for every entrant. */
export function summarise(turns: readonly Turn[], direct: string): Summaries {
  const labels = [...new Set(turns.map(({ label }) => label))];
  return Object.fromEntries(
    labels.map((label) => [
      label,
      Object.fromEntries(
        measureDefinitions.flatMap((definition) => {
          const values = valuesOf(turns, { label, direct, definition });
          return values.length === 0 ? [] : [[definition.id, summaryOf(values)]];
        }),
      ),
    ]),
  );
}

/** Answers that were wrong or did not come, over all workloads. */
export function failuresOf(turns: readonly Turn[], label: string): number {
  return turns
    .filter((turn) => turn.label === label)
    .flatMap(({ measures }) => Object.entries(measures))
    .filter(([name]) => name.endsWith(".failed"))
    .reduce((sum, [, failed]) => sum + failed, 0);
}

function valuesOf(
  turns: readonly Turn[],
  { label, direct, definition }: { label: string; direct: string; definition: MeasureDefinition },
): readonly number[] {
  return turns
    .filter((turn) => turn.label === label)
    .map((turn) => {
      const value = turn.measures[definition.id] ?? Number.NaN;
      if (definition.isAdded !== true || label === direct) return value;
      const base = turns.find((other) => other.label === direct && other.round === turn.round);
      return value - (base?.measures[definition.id] ?? Number.NaN);
    })
    .filter((value) => !Number.isNaN(value));
}

function summaryOf(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  const median = sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
  return { median, least: sorted[0] ?? Number.NaN, most: sorted.at(-1) ?? Number.NaN, rounds: values.length };
}
