// A request that still runs when the gateway has to be gone: its client is told, in a form in which nobody takes the answer for whole.
import { answerError } from "../stages/finish.ts";
import type { Exchange } from "../stages/exchange.ts";
import { breakOff } from "../stages/stream.ts";
import { callError, writeError } from "./call-client.ts";

const CODE = "FB_GATEWAY_STOPPING";

/**
 * Ends what runs for it and tells its client: a status where none went out, an event of its dialect in a stream, else a broken connection.
 * An answer that is all written already is left alone.
 */
export function stopExchange(exchange: Exchange): void {
  const { response, client, dialect } = exchange;
  if (exchange.isClientGone || response.writableEnded) return;
  exchange.running?.cancel();
  exchange.running = undefined;
  exchange.toldError = CODE;
  if (client) client.error(callError(CODE, {}));
  else if (response.headersSent) breakOff(exchange);
  else if (dialect) writeError(exchange, dialect, callError(CODE, {}));
  else answerError(exchange, CODE, {});
  exchange.isClientGone = true;
}
