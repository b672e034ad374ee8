// Why a run was not measured, or was cut short: a code with its values, so that every reader is told in a language of their own.

/** A reason. */
export type DrillReason =
  /** The referee's event loop was late. */
  | { readonly code: "late"; readonly lagMs: number; readonly limitMs: number }
  /** Others took the processors. */
  | { readonly code: "stolen"; readonly percent: number; readonly limit: number }
  | { readonly code: "not-ready"; readonly service: string; readonly ready: number; readonly desired: number }
  | { readonly code: "app-state"; readonly state: string }
  | { readonly code: "no-gateway" }
  | { readonly code: "incident-open"; readonly number: number; readonly summary: string }
  | { readonly code: "no-request" }
  /** Requests failed before anything was injected; `example` is one of them. */
  | { readonly code: "failing"; readonly failed: number; readonly sent: number; readonly example: string }
  | { readonly code: "no-victim"; readonly victim: string }
  | { readonly code: "no-workers"; readonly workers: number }
  /** The rest of the service could not carry the load. */
  | { readonly code: "too-loaded"; readonly service: string; readonly percent: number }
  /** In the words of the injector. */
  | { readonly code: "cannot-inject"; readonly why: string }
  | { readonly code: "too-many-failed"; readonly failed: number };
