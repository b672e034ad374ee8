// How the failures of a healthy pool come.
import type { Random } from "@flyball/core";

/** Whether the next request to an endpoint fails. */
export type FailureSource = (endpoint: number) => boolean;

/** A form of healthy failures at a mean rate. */
export interface FailureForm {
  readonly name: string;
  /** Needs endpoints to compare with: for a single one there is no difference to a fault. */
  readonly needsPeers: boolean;
  create(rate: number, endpoints: number, random: Random): FailureSource;
}

/** A clump has one to three failures in a row at one endpoint. */
const CLUMP = 3;
/** While a shared cause lasts, so many requests of the pool fail by one of these shares. */
const EPISODE = 1_000;
const EPISODE_RATES = [0.2, 0.5, 1] as const;

export const FAILURE_FORMS: readonly FailureForm[] = [
  {
    name: "independent",
    needsPeers: false,
    create: (rate, _endpoints, random) => () => random() < rate,
  },
  {
    name: "bursty",
    needsPeers: false,
    create(rate, endpoints, random) {
      const left = new Uint8Array(endpoints);
      const mean = (1 + CLUMP) / 2;
      // Between clumps each request begins one with this chance, so that the share of failures is the rate.
      const chance = rate / (mean * (1 - rate));
      return (endpoint) => {
        if (left[endpoint] === 0 && random() < chance) left[endpoint] = 1 + Math.floor(random() * CLUMP);
        if (left[endpoint] === 0) return false;
        left[endpoint] = (left[endpoint] as number) - 1;
        return true;
      };
    },
  },
  {
    name: "shared cause",
    needsPeers: true,
    create(rate, _endpoints, random) {
      const mean = EPISODE_RATES.reduce((sum, share) => sum + share, 0) / EPISODE_RATES.length;
      const chance = rate / (mean - rate) / EPISODE;
      let left = 0;
      let share = 0;
      return () => {
        if (left === 0 && random() < chance) {
          left = EPISODE;
          share = EPISODE_RATES[Math.floor(random() * EPISODE_RATES.length)] as number;
        }
        if (left === 0) return false;
        left -= 1;
        return random() < share;
      };
    },
  },
];
