// Faults on purpose, at fixed times, so that every policy meets the same.

/** One thing that happens to a replica. */
export type Fault =
  /** It crashes: what is on it is lost, it serves nothing. */
  | { readonly kind: "down"; readonly at: number; readonly replica: number }
  /** It serves again, with an empty cache. */
  | { readonly kind: "up"; readonly at: number; readonly replica: number }
  /** Its steps take `factor` times as long from now on; nobody is told. 1: as before. */
  | { readonly kind: "slow"; readonly at: number; readonly replica: number; readonly factor: number };
