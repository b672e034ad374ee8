// Why a run was not measured, or was cut short: a code with its values, so that every reader is told in a language of their own.
import type { AppStatus, Composed } from "@flyball/core";
import type { DrillNeed, VictimKind } from "../fault.ts";
import type { InjectorReason } from "../injector-reason.ts";
import type { RequestRecord } from "./request-record.ts";

/** One request that failed. */
export type FailedExample = Pick<RequestRecord, "name" | "status" | "problem">;

/** A reason. */
export type DrillReason =
  /** The referee's event loop was late. */
  | { readonly code: "late"; readonly lagMs: number; readonly limitMs: number }
  /** Others took the processors. */
  | { readonly code: "stolen"; readonly percent: number; readonly limit: number }
  | { readonly code: "not-ready"; readonly service: string; readonly ready: number; readonly desired: number }
  | { readonly code: "app-state"; readonly state: AppStatus["state"] }
  | { readonly code: "no-gateway" }
  | ({ readonly code: "incident-open"; readonly number: number; readonly summary: string } & Composed<"summary">)
  | { readonly code: "no-request" }
  /** Requests failed before anything was injected; `example` is one of them. */
  | { readonly code: "failing"; readonly failed: number; readonly sent: number; readonly example: FailedExample }
  | { readonly code: "no-victim"; readonly victim: VictimKind; readonly needs: readonly DrillNeed[] }
  | { readonly code: "no-workers"; readonly workers: number }
  /** The rest of the service could not carry the load. */
  | { readonly code: "too-loaded"; readonly service: string; readonly percent: number }
  | { readonly code: "cannot-inject"; readonly why: InjectorReason }
  /** The fault stands still, or what is left of it: the next drill takes it back. */
  | { readonly code: "not-undone"; readonly words: string }
  /** The run could not be finished: control did not answer, or the system would not. */
  | { readonly code: "broke-off"; readonly words: string }
  | { readonly code: "too-many-failed"; readonly failed: number };
