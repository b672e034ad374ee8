// Random workloads of several tenants: some ask for much at once and some for little, some come in bursts, one asks for several times its share.
import { seededRandom } from "@flyball/fakes";
import type { ScheduledRequest } from "../scheduled-request.ts";
import type { QueueWork } from "./serve-queue.ts";

/** A workload and what each tenant asked for in all, ms of work. */
export interface TenantMix extends QueueWork {
  readonly spanMs: number;
  readonly offered: ReadonlyMap<string, number>;
}

interface Item {
  readonly at: number;
  readonly tenant: string;
  readonly predicted: number;
  readonly real: number;
}

const SPAN_MS = 60_000;

/** The workload of a seed: 2–7 tenants, 1–8 slots, 0.7–1.7 times what they can do; predictions are exact or off by up to a factor of e. */
export function tenantMix(seed: number): TenantMix {
  const random = seededRandom(seed);
  const slots = 1 + Math.floor(random() * 8);
  const tenants = 2 + Math.floor(random() * 6);
  const load = 0.7 + random();
  const error = random() < 0.5 ? 0 : random();
  const abusive = Math.floor(random() * tenants);
  const shares = Array.from({ length: tenants }, (_, index) => (index === abusive ? 3 + random() * 10 : 0.1 + random()));
  const all = shares.reduce((sum, share) => sum + share, 0);
  const items: Item[] = [];
  const offered = new Map<string, number>();
  for (const [index, share] of shares.entries()) {
    const mine = oneTenant(`tenant-${index}`, { rate: (share / all) * load * slots, error, random });
    offered.set(`tenant-${index}`, mine.reduce((sum, { real }) => sum + real, 0));
    items.push(...mine);
  }
  items.sort((one, other) => one.at - other.at);
  return { slots, spanMs: SPAN_MS, offered, serviceMs: items.map(({ real }) => real), requests: items.map(requestOf) };
}

function oneTenant(
  tenant: string,
  { rate, error, random }: { readonly rate: number; readonly error: number; readonly random: () => number },
): readonly Item[] {
  const items: Item[] = [];
  const mean = Math.exp(Math.log(20) + random() * Math.log(100));
  const burst = random() < 0.4 ? 1 + Math.floor(random() * 20) : 1;
  for (let at = 0; ;) {
    at += (-Math.log(1 - random()) * mean * burst) / rate;
    if (at > SPAN_MS) return items;
    for (let each = 0; each < burst; each += 1) {
      const real = Math.max(1, mean * -Math.log(1 - random()) * (random() < 0.1 ? 5 : 0.5));
      items.push({ at, tenant, real, predicted: real * Math.exp(error * (random() + random() - 1)) });
    }
  }
}

function requestOf({ at, tenant, predicted }: Item, id: number): ScheduledRequest {
  const tokens = Math.ceil(predicted / 2);
  return {
    id,
    tenant,
    classIndex: 0,
    arrivedAt: at,
    deadlineAt: Number.POSITIVE_INFINITY,
    inputTokens: tokens,
    outputTokens: tokens,
    outputTokensHigh: tokens,
    workMs: predicted,
    blocks: [],
  };
}
