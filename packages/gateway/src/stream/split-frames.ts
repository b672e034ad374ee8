// Takes complete server-sent events apart, each with the empty line that ends it. LF, CR and CRLF end lines.

const CR = 0x0d;
const LF = 0x0a;

/** The frames, in order; together they are the given bytes. Bytes behind the last empty line, if there are any, are the last item. */
export function splitFrames(frames: Buffer): readonly Buffer[] {
  const list: Buffer[] = [];
  let from = 0;
  let lineStart = 0;
  for (let at = 0; at < frames.length; at += 1) {
    const byte = frames[at];
    if (byte !== LF && byte !== CR) continue;
    const isLineEmpty = at === lineStart;
    if (byte === CR && frames[at + 1] === LF) at += 1;
    lineStart = at + 1;
    if (!isLineEmpty) continue;
    list.push(frames.subarray(from, lineStart));
    from = lineStart;
  }
  if (from < frames.length) list.push(frames.subarray(from));
  return list;
}
