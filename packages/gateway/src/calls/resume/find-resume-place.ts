// Where a cut answer goes on: at the backends of its model that can continue a text, in their order and on their conditions. One that
// cannot, or would not, counts as failed there, so that what is to be used when nobody else can answer is used.
import { joinBody } from "../../body/whole-body.ts";
import { planBackends } from "@flyball/traffic";
import { resumeForm } from "../../dialects/resume-form.ts";
import { placeAmong } from "../../stages/place.ts";
import { giveBackPlace } from "../../stages/settle.ts";
import type { Booking } from "../../schedule/booking.ts";
import type { Endpoint } from "../../worker/endpoint.ts";
import type { ServingBackend } from "../../worker/serving-state.ts";
import { writeBackendRequest, type BackendRequest } from "../backend-request.ts";
import type { CallRun } from "../call-run.ts";
import { plannable } from "../plan-candidates.ts";
import { continueBody } from "./continuation-request.ts";
import type { DeliveredAnswer } from "./delivered-answer.ts";

/** The place, which is taken, and what is sent there. */
export interface ResumePlace {
  readonly backend: ServingBackend;
  readonly endpoint: Endpoint;
  readonly ticket: number;
  readonly booking: Booking | undefined;
  readonly request: BackendRequest;
  /** White space that the client has and the backend was not told. */
  readonly withheld: string;
}

/** Takes a place; undefined when there is none. `maxTokens`: what is left of the client's bound. */
export function findResumePlace(
  run: CallRun,
  delivered: DeliveredAnswer,
  maxTokens: number | undefined,
): ResumePlace | undefined {
  const { call, exchange } = run;
  const { context } = exchange;
  const { backends } = call.model;
  const unable = new Set(backends.filter((backend) => !mayGoOn(run, delivered, backend)));
  const plan = planBackends({
    models: [backends.map((backend) => plannable(context, backend, unable))],
    neededTokens: undefined,
    random: context.random,
  });
  if (plan.kind !== "candidates") return undefined;
  let isOneFull = false;
  for (const { backend: planned, needsFailure } of plan.order) {
    if (needsFailure && isOneFull) continue;
    const { backend } = planned;
    const continuation = writeContinuation(run, delivered, { backend, maxTokens });
    if (!continuation) continue;
    const { pool } = backend;
    const placement = placeAmong(
      context,
      pool.serving.filter((endpoint) => !run.cutAt.has(endpoint)),
      { pool, exchange, isForced: true },
    );
    if (placement.kind === "full") isOneFull = true;
    if (placement.kind !== "placed") continue;
    const { endpoint, ticket, booking } = placement;
    const place = { backend, endpoint, ticket, booking };
    if (mayBeSent(run, backend)) return { ...place, ...continuation };
    giveBackPlace({ context, pool, ...place });
  }
  return undefined;
}

/**
 * The first attempt to go on is free: what was delivered is not made again. All others draw on the budget of the pool that they go to,
 * so that a storm of cuts is not multiplied.
 */
function mayBeSent(run: CallRun, { pool }: ServingBackend): boolean {
  if (run.continuations > 0 && !pool.budget.tryTake(run.exchange.context.clock.monotonic())) return false;
  run.continuations += 1;
  return true;
}

function mayGoOn({ cutAt, unwilling }: CallRun, { hasReasoning }: DeliveredAnswer, backend: ServingBackend): boolean {
  if (unwilling.has(backend) || backend.pool.serving.every((endpoint) => cutAt.has(endpoint))) return false;
  const form = resumeForm(backend);
  // Whoever takes a prefill takes none while the model thinks.
  return form !== undefined && !(hasReasoning && form === "assistant-prefill");
}

function writeContinuation(
  { call }: CallRun,
  { text }: DeliveredAnswer,
  { backend, maxTokens }: { readonly backend: ServingBackend; readonly maxTokens: number | undefined },
): Pick<ResumePlace, "request" | "withheld"> | undefined {
  const resume = resumeForm(backend);
  // Only messages can be gone on with: the input of Responses is written as such.
  const written = writeBackendRequest(call, backend, maxTokens, true);
  if (resume === undefined || written.kind === "refused") return undefined;
  const { prefillMember } = backend.traits;
  const continued = continueBody(joinBody(written.value.body), text, { resume, prefillMember });
  return continued && { request: { ...written.value, body: continued.body }, withheld: continued.withheld };
}
