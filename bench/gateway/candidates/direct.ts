// No gateway at all: what the others are compared with.
import { UPSTREAM_MODEL } from "../upstream/answers.ts";
import type { Candidate } from "./candidate.ts";
import { ANY_KEY } from "./proxy-candidate.ts";

/** The upstreams themselves. */
export const direct: Candidate = {
  name: "direct",
  hasWorkers: false,
  prepare: () => Promise.resolve({}),
  start: ({ upstreams }) =>
    Promise.resolve({
      target: (kind) => ({
        url: `${upstreams.baseUrl(kind)}/chat/completions`,
        headers: {},
        models: [UPSTREAM_MODEL],
        keys: [ANY_KEY],
      }),
      servingPids: () => [],
      besidePids: () => [],
      coldStartMs: () => Promise.resolve(Number.NaN),
      stop: () => Promise.resolve(),
    }),
};
