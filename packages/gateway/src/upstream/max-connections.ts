// The one number that placement and the client below agree on.

/** Connections of one worker to one endpoint. Placement skips an endpoint with as many requests, so nothing queues behind them. */
export const MAX_CONNECTIONS = 256;
