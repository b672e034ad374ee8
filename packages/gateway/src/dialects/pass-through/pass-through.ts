// What the gateway needs of a dialect when client and backend both speak it: the client's bytes stay as they are but for a few spliced
// members, and the backend's bytes are passed on after a look at what they mean.
import type { WholeBody } from "../../body/whole-body.ts";
import type { EventReading } from "../dialect.ts";
import type { CallEdits, CallScan } from "./call-scan.ts";
import type { CallScanner } from "./scan-call.ts";

/** One dialect's part in a call that is not translated. All functions are pure. */
export interface PassThrough extends CallScanner {
  /** The body with the edits; every other byte is the client's. The same buffer when nothing changes. */
  splice(body: Buffer, scan: CallScan, edits: CallEdits): WholeBody;
  /**
   * Whether frames (one or several whole ones) may carry usage, an error or an end. False for a plain delta, which after the commit
   * point is passed on unread. Marks cannot stand inside a JSON string, where quotes are escaped.
   */
  mayMatter(frames: Buffer): boolean;
  /**
   * Reads what frames without their empty line mean, for one attempt: give it every frame before the commit point, and after it those
   * for which `mayMatter` is true. Usage is put together over the stream.
   */
  createFrameReader(): (frame: string) => EventReading;
  /** How many bytes of these a model wrote, in frames (one or several whole ones) or in a whole answer. */
  contentBytes(bytes: Buffer, isEvents: boolean): number;
  /**
   * A frame with its empty line for a client that did not ask for the usage that we asked for: an empty buffer for the usage chunk,
   * without the member for `"usage":null`, else the same buffer. Dialects that always report usage return the frame.
   */
  stripUsage(frame: Buffer): Buffer;
}
