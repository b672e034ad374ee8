// What can be wrong with the bytes of a response. Every one of them ends the request and its connection: two programs that read the same
// bytes differently are how responses get mixed up, so nothing is guessed.

/** Stable codes, with what each says to a person. */
export const RESPONSE_FAULTS = {
  FB_UPSTREAM_STATUS_LINE: "the response does not begin with an HTTP/1.0 or HTTP/1.1 status line",
  FB_UPSTREAM_BARE_LF: "a line of the response's head ends without a carriage return",
  FB_UPSTREAM_CONTROL_BYTE: "there is a control byte in the response's head",
  FB_UPSTREAM_HEADER: "a header line of the response is malformed",
  FB_UPSTREAM_OBS_FOLD: "a header of the response is folded over several lines",
  FB_UPSTREAM_HEAD_TOO_LARGE: "the response's head is longer than 64 KiB",
  FB_UPSTREAM_TOO_MANY_HEADERS: "the response has more than 2000 headers",
  FB_UPSTREAM_TOO_MANY_HEADS: "more than 1000 informational responses came before the final one",
  FB_UPSTREAM_CONTENT_LENGTH: "the response's content-length is no number or there are two different ones",
  FB_UPSTREAM_TRANSFER_ENCODING: "the response has another transfer-encoding than chunked",
  FB_UPSTREAM_LENGTH_AND_ENCODING: "the response has both a content-length and a transfer-encoding",
  FB_UPSTREAM_CHUNK: "a chunk of the response is malformed",
  FB_UPSTREAM_CHUNK_EXTENSIONS_TOO_LARGE: "the response's chunk extensions are longer than 16 KiB in all",
  FB_UPSTREAM_TRAILERS_TOO_LARGE: "the response's trailers are longer than 16 KiB",
  FB_UPSTREAM_SWITCHED_PROTOCOLS: "the upstream switched protocols without being asked to",
} as const;

/** A code of the table. */
export type ResponseFault = keyof typeof RESPONSE_FAULTS;
