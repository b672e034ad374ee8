// A mistake or failure that a client is told about: one class, so that a handler can give up anywhere and the server
// turns it into the same JSON shape everywhere: {"error": {"code", "message"}}.

/** An outcome that ends a request with an HTTP status and a stable code. Compare by `code`. */
export class ServiceError extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.name = "ServiceError";
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}
