// The model's name in an answer that is passed on. Upstream's own name is the truth, and stays; but when another backend had to answer than
// the one that was asked first, its name would say that the client got what it never asked for, so the alias stands there.
import { JsonFault } from "../dialects/json-cursor.ts";
import { createKeyTable, scanMembers } from "../dialects/pass-through/member-scan.ts";
import { spliceBody, type Edit } from "../dialects/pass-through/splice.ts";
import { splitFrames } from "../stream/split-frames.ts";
import type { AnswerStep, StreamAnswerReader } from "./answer-reader.ts";

/** OpenAI's chunks and all whole answers have it at the top, Anthropic's first event in its message, events of responses in their response. */
const KEYS = createKeyTable(["model", "message", "response"]);
const MARK = Buffer.from('"model"');
const DATA = Buffer.from("data:");
const QUOTE = 0x22;
const OPEN_BRACE = 0x7b;
const LF = 0x0a;

/** The JSON of an answer with another model's name; the same buffer when it has none. */
export function renameModel(json: Buffer, name: string): Buffer {
  if (!json.includes(MARK)) return json;
  try {
    return spliceBody(json, editsOf(json, name));
  } catch (error) {
    // Not for us to judge: it is passed on as it is.
    if (error instanceof JsonFault) return json;
    throw error;
  }
}

/** A reader of the same stream whose events name another model. */
export function createRenamingReader(reader: StreamAnswerReader, name: string): StreamAnswerReader {
  const rename = (step: AnswerStep): AnswerStep =>
    step.bytes.includes(MARK) ? { ...step, bytes: renameInFrames(step.bytes, name) } : step;
  return {
    read: (frames) => rename(reader.read(frames)),
    close: (rest) => rename(reader.close(rest)),
  };
}

function renameInFrames(frames: Buffer, name: string): Buffer {
  return Buffer.concat(splitFrames(frames).map((frame) => renameInFrame(frame, name)));
}

/** Events of model APIs have one line of data. */
function renameInFrame(frame: Buffer, name: string): Buffer {
  const mark = frame.indexOf(MARK);
  const data = mark < 0 ? -1 : frame.lastIndexOf(DATA, mark);
  if (data < 0) return frame;
  const start = data + DATA.length;
  const lineEnd = frame.indexOf(LF, mark);
  const end = lineEnd < 0 ? frame.length : lineEnd;
  const json = frame.subarray(start, end);
  const renamed = renameModel(json, name);
  return renamed === json ? frame : Buffer.concat([frame.subarray(0, start), renamed, frame.subarray(end)]);
}

function editsOf(json: Buffer, name: string): Edit[] {
  const { offsets } = scanMembers(json, KEYS);
  const edits: Edit[] = [];
  for (let slot = 0; slot < KEYS.names.length; slot += 1) {
    const start = offsets[slot * 3 + 1] as number;
    const end = offsets[slot * 3 + 2] as number;
    if (start === 0) continue;
    if (slot === 0 && json[start] === QUOTE) edits.push({ start, end, text: JSON.stringify(name) });
    if (slot === 0 || json[start] !== OPEN_BRACE) continue;
    const inner = json.subarray(start, end);
    const { offsets: within } = scanMembers(inner, KEYS);
    const at = within[1] as number;
    if (at === 0 || inner[at] !== QUOTE) continue;
    edits.push({ start: start + at, end: start + (within[2] as number), text: JSON.stringify(name) });
  }
  return edits;
}
