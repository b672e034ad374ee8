// Reads during a run how many requests came to each instance, from the fault proxies in front of them.
import { join } from "node:path";
import type { AppStatus } from "@flyball/core";
import type { ArrivalSample } from "./judge-away.ts";
import type { RefereeOrder } from "./referee-order.ts";
import type { RunHands } from "./run-hands.ts";

/** Samples until `stop`, at most some thousand a run. */
export interface ArrivalWatch {
  readonly samples: readonly ArrivalSample[];
  stop(): void;
}

const LOOK_MS = 250;

interface Counter {
  readonly instance: string;
  readonly socket: string;
  last: number;
  total: number;
}

/** Begins to read the proxies of all instances that are ready now. One that was started anew counts from zero: what it had is kept. */
export function watchArrivals(
  status: AppStatus,
  order: Pick<RefereeOrder, "facts" | "proxyFolder">,
  { hands, now }: { readonly hands: Pick<RunHands, "arrivalsAt">; readonly now: () => number },
): ArrivalWatch {
  const counters = countersOf(status, order);
  const samples: ArrivalSample[] = [];
  let isOver = false;
  const look = async (): Promise<void> => {
    await Promise.all(
      counters.map(async (counter) => {
        const seen = await hands.arrivalsAt(counter.socket);
        if (seen === undefined) return;
        counter.total += seen < counter.last ? seen : seen - counter.last;
        counter.last = seen;
      }),
    );
    samples.push({ at: now(), counts: Object.fromEntries(counters.map(({ instance, total }) => [instance, total])) });
    if (!isOver) timer = setTimeout(() => void look(), LOOK_MS);
  };
  let timer = setTimeout(() => void look(), 0);
  return {
    samples,
    stop() {
      isOver = true;
      clearTimeout(timer);
    },
  };
}

function countersOf(
  { services }: AppStatus,
  { facts, proxyFolder }: Pick<RefereeOrder, "facts" | "proxyFolder">,
): Counter[] {
  return services
    .filter(({ service }) => facts.some((fact) => fact.service === service && fact.hasProxy))
    .flatMap(({ instances }) =>
      instances.flatMap(({ instance, port }) =>
        port === null ? [] : [{ instance, socket: join(proxyFolder, `${port}.sock`), last: 0, total: 0 }],
      ),
    );
}
