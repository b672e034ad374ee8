// What the load is made of: requests that are ready to be sent.

/** One request. */
export interface LoadRequest {
  /** `question POST /ask`; stands in records and messages. */
  readonly name: string;
  /** `http://127.0.0.1:5000` */
  readonly origin: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}
