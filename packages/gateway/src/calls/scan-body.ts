// The scan of a call's body: at once where it is short, in turns of the event loop where it is long.
import type { CallScan, ScanFault } from "../dialects/pass-through/call-scan.ts";
import type { PassThrough } from "../dialects/pass-through/pass-through.ts";
import type { Exchange } from "../stages/exchange.ts";

/** A longer body is scanned in slices, which count its values too: what is done with a shorter one costs little whatever it holds. */
const LONG_BYTES = 64 * 1024;
/** One slice. The slowest bytes, single digits in a list, take 25 ns each. */
const SLICE_BYTES = 256 * 1024;

/** Calls back once, never when the client leaves before; within this call for a body of one slice. */
export function scanBody(
  {
    exchange,
    passThrough,
    body,
  }: { readonly exchange: Exchange; readonly passThrough: PassThrough; readonly body: Buffer },
  onScanned: (scan: CallScan | ScanFault) => void,
): void {
  if (body.length <= LONG_BYTES) {
    onScanned(passThrough.scan(body));
    return;
  }
  const scanSlice = passThrough.scanInSlices(body);
  const slice = (): boolean => {
    if (exchange.isClientGone) return true;
    const scan = scanSlice(SLICE_BYTES);
    if (scan !== undefined) onScanned(scan);
    return scan !== undefined;
  };
  if (!slice()) exchange.context.slices.add(slice);
}
