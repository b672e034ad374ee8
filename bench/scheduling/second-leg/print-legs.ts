// Both legs side by side, and whether they agree on the order of the policies.
import { printTable } from "../../support/report.ts";

/** What one policy met in one leg, over the judged requests. */
export interface LegFigures {
  readonly requests: number;
  /** Refused or broken off. */
  readonly lost: number;
  readonly ttftMeanMs: number;
  readonly ttftP99Ms: number;
  readonly e2eMeanMs: number;
  /** Share that kept the standard objective. */
  readonly goodput: number;
}

/** One policy at one load. */
export interface Leg {
  readonly load: number;
  readonly policy: string;
  readonly gateway: LegFigures;
  readonly simulation: LegFigures;
}

/** Figures by which the policies are put into an order; less is better. */
const RANKED: readonly (readonly [name: string, figure: (it: LegFigures) => number])[] = [
  ["mean first token", (it) => it.ttftMeanMs],
  ["mean answer", (it) => it.e2eMeanMs],
];
/** Policies nearer to each other than this count as equal: their order says nothing. */
const EQUAL_SHARE = 0.03;

/** Prints them. */
export function printLegs(legs: readonly Leg[]): void {
  printTable(
    ["load", "policy", "leg", "requests", "lost", "TTFT mean / p99 s", "E2E mean s", "goodput %"],
    legs.flatMap(({ load, policy, gateway, simulation }) => [
      rowOf([`${load}×`, policy, "gateway"], gateway),
      rowOf([`${load}×`, policy, "simulation"], simulation),
    ]),
  );
  console.log("\nThe order of the policies, best first\n");
  printTable(["load", "by", "gateway", "simulation", "the same"], [...orderRows(legs)]);
}

/** One leg in a line, as soon as it is known. */
export function sayLeg({ gateway, simulation }: Leg): string {
  const said = (it: LegFigures): string => rowOf([], it).join(", ");
  return `  gateway: ${said(gateway)}; simulation: ${said(simulation)}`;
}

function rowOf(names: readonly string[], it: LegFigures): readonly string[] {
  const seconds = (ms: number): string => (ms / 1_000).toFixed(3);
  return [
    ...names,
    String(it.requests),
    String(it.lost),
    `${seconds(it.ttftMeanMs)} / ${seconds(it.ttftP99Ms)}`,
    seconds(it.e2eMeanMs),
    (it.goodput * 100).toFixed(1),
  ];
}

function* orderRows(legs: readonly Leg[]): Generator<readonly string[]> {
  for (const load of new Set(legs.map((leg) => leg.load))) {
    const here = legs.filter((leg) => leg.load === load);
    for (const [name, figure] of RANKED) {
      const order = (leg: "gateway" | "simulation"): string =>
        here
          .toSorted((a, b) => figure(a[leg]) - figure(b[leg]))
          .map(({ policy }) => policy)
          .join(" < ");
      const isSame = here.every((one) => here.every((other) => agree(one, other, figure)));
      yield [`${load}×`, name, order("gateway"), order("simulation"), isSame ? "yes" : "NO"];
    }
  }
}

/** Two policies stand the same way round in both legs, or are equal in one of them. */
function agree(one: Leg, other: Leg, figure: (it: LegFigures) => number): boolean {
  const sign = (leg: "gateway" | "simulation"): number => {
    const [a, b] = [figure(one[leg]), figure(other[leg])];
    return Math.abs(a - b) <= EQUAL_SHARE * Math.max(a, b) ? 0 : Math.sign(a - b);
  };
  return sign("gateway") * sign("simulation") >= 0;
}
