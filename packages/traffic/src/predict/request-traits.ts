// What is known of a request before it is answered, as far as it tells how long the answer will be.

/** The traits of one request, from the most general to the most special. Strings are names, never texts of users. */
export interface RequestTraits {
  /** Who asks: the id of the virtual key, "" without one. */
  readonly key: string;
  /** The alias that the client names. */
  readonly model: string;
  readonly route: string;
  /** What is asked for besides text: tools, a schema; "" for neither. */
  readonly shape: string;
  /** Hash of the system prompt, 0 for none. */
  readonly promptHash: number;
  readonly inputTokens: number;
  /** The client's own bound of the output; undefined without one. */
  readonly maxOutputTokens: number | undefined;
}

/** The bound that the client set, infinite without one. */
export function capOf({ maxOutputTokens }: RequestTraits): number {
  return maxOutputTokens !== undefined && maxOutputTokens >= 1 ? maxOutputTokens : Number.POSITIVE_INFINITY;
}
