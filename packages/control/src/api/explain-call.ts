// The answers that need the gateway: GET /v1/predictions, GET /v1/calls/:requestId.
import {
  FlyballError,
  isFlyballError,
  type CallExplanation,
  type CallScheduling,
  type PredictionStatus,
} from "@flyball/core";
import type { ControlContext } from "../control-context.ts";
import { ADMIN_LISTENER } from "../desired/listeners-of.ts";
import { askGateway } from "../observe/ask-gateway.ts";

/** Calls of one request id that are shown; an id that a client uses for all of its calls has any number. */
const MOST_CALLS = 20;

/** What the gateway has learned. */
export async function predictions({ state }: ControlContext): Promise<PredictionStatus> {
  const known = await askGateway(state.bound.get(ADMIN_LISTENER), "/predictions");
  if (known === undefined) {
    throw new FlyballError("FB_CONTROL_GATEWAY_AWAY", { reason: "it is of a release that has no predictions" });
  }
  return known as PredictionStatus;
}

/** Why a request went where it went, as far as the gateway remembers it and the ledger has it. */
export async function explainCall(context: ControlContext, requestId: string): Promise<CallExplanation> {
  const calls = context.ledger?.find(requestId, MOST_CALLS) ?? [];
  const scheduling = await schedulingOf(context, requestId, calls.length > 0);
  if (scheduling === null && calls.length === 0) throw new FlyballError("FB_CONTROL_CALL_UNKNOWN", { id: requestId });
  return { requestId, scheduling, calls };
}

/** What the ledger has is worth showing without a gateway too. */
async function schedulingOf(
  { state }: ControlContext,
  requestId: string,
  isKnown: boolean,
): Promise<CallScheduling | null> {
  try {
    const path = `/explain/${encodeURIComponent(requestId)}`;
    return ((await askGateway(state.bound.get(ADMIN_LISTENER), path)) ?? null) as CallScheduling | null;
  } catch (error) {
    if (isKnown && isFlyballError(error, "FB_CONTROL_GATEWAY_AWAY")) return null;
    throw error;
  }
}
