// Everything that may be measured. A further gateway is one more file and one more line.
import { bifrost } from "./bifrost.ts";
import type { Candidate } from "./candidate.ts";
import { direct } from "./direct.ts";
import { flyball, flyballParts } from "./flyball.ts";
import { gomodel } from "./gomodel.ts";
import { haproxy } from "./haproxy.ts";
import { leanNode } from "./lean-node.ts";
import { litellm } from "./litellm.ts";
import { nginx } from "./nginx.ts";
import { portkey } from "./portkey.ts";

/** All candidates; the direct path first, because the others are compared with it. */
export const candidates: readonly Candidate[] = [
  direct,
  nginx,
  haproxy,
  leanNode,
  portkey,
  flyball,
  litellm,
  bifrost,
  gomodel,
  ...flyballParts,
];
