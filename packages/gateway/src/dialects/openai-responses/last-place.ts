// Where a Responses stream stands, read from frames that were passed on: behind a member's name comes its value, and inside a text the
// quotes of such a name are escaped.

/** Of the item whose text came last. */
export interface ItemPlace {
  readonly id: string;
  readonly outputIndex: number;
  readonly contentIndex: number;
}

/** The number of the last event; −1: there is none. */
export function lastSequence(frames: Buffer | undefined): number {
  return frames === undefined ? -1 : (lastNumber(frames, "sequence_number") ?? -1);
}

/** The item that is being written; undefined where the frames name none. */
export function lastItem(frames: Buffer): ItemPlace | undefined {
  const id = /^\s*"([^"\\]{1,200})"/.exec(behindLast(frames, "item_id"))?.[1];
  if (id === undefined) return undefined;
  const outputIndex = lastNumber(frames, "output_index") ?? 0;
  return { id, outputIndex, contentIndex: lastNumber(frames, "content_index") ?? 0 };
}

function lastNumber(frames: Buffer, name: string): number | undefined {
  const number = Number.parseInt(behindLast(frames, name), 10);
  return Number.isNaN(number) ? undefined : number;
}

function behindLast(frames: Buffer, name: string): string {
  const mark = `"${name}":`;
  const at = frames.lastIndexOf(mark);
  return at < 0 ? "" : frames.toString("latin1", at + mark.length, at + mark.length + 220);
}
