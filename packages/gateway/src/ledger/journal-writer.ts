// Puts text into a file that only grows: gathered in memory, one asynchronous write at a time, begun a few milliseconds after the first
// text. A failing disk is tried again with what it has not taken; a line that it took in part is ended and written whole once more.
import type { Clock } from "@flyball/core";
import type { AppendFile } from "./journal-disk.ts";

/** The writer. */
export interface JournalWriter {
  /** Takes whole lines; false when the buffer is full and they were thrown away. */
  add(lines: string): boolean;
  /** There is something that `prepare` will add. */
  wake(): void;
  /** The buffer was full and is not half empty yet. */
  readonly isFull: boolean;
  readonly bufferedBytes: number;
  readonly writtenBytes: number;
  readonly failures: number;
  /** Writes what is left; gives up at the first failure. */
  close(): Promise<void>;
}

/** What a writer is made with. */
export interface JournalWriterOptions {
  readonly clock: Clock;
  readonly bufferBytes: number;
  /** Whether `prepare` has lines of its own. */
  readonly hasMore: () => boolean;
  /** The file for the next batch of so many bytes, and what the journal adds to it. Throws when no file can be made. */
  readonly prepare: (bytes: number) => { readonly file: AppendFile; readonly before: string; readonly after: string };
  /** The first failure of a row, and its end. */
  readonly onFailing: (error: Error) => void;
  readonly onWorking: () => void;
}

/** Shorter than the promised 10 ms by what a late timer and the write itself take. */
const FLUSH_AFTER_MS = 7;
const RETRY_MS = 250;
const LINE_FEED = 10;
const FIRST_BUFFER_BYTES = 64 * 1024;
/** A buffer that has grown beyond this is not kept once it is empty. */
const LARGEST_KEPT_BYTES = 2 * 1024 * 1024;
/** A UTF-16 unit takes three bytes at most; of a long text the bytes are counted instead. */
const BYTES_PER_UNIT = 3;
const LONG_TEXT_UNITS = 16 * 1024;

interface State {
  readonly options: JournalWriterOptions;
  readonly onTimer: () => void;
  readonly onWritten: (error: Error | null, written: number) => void;
  file: AppendFile | undefined;
  /** Lines that are in no batch yet, as bytes. Two buffers take turns, so nothing is allocated while the load is even. */
  fill: Buffer;
  fillBytes: number;
  spare: Buffer;
  batch: Buffer;
  /** How much of the batch the file has. */
  offset: number;
  isWriting: boolean;
  isTimerSet: boolean;
  /** The timer came while a write was under way. */
  isDue: boolean;
  isFailing: boolean;
  isFull: boolean;
  isClosed: boolean;
  writtenBytes: number;
  failures: number;
  onIdle: (() => void) | undefined;
}

/** A writer without a file; the first is asked for with the first lines. */
export function createJournalWriter(options: JournalWriterOptions): JournalWriter {
  const state: State = {
    options,
    onTimer: () => onTimer(state),
    onWritten: (error, written) => onWritten(state, error, written),
    file: undefined,
    fill: Buffer.allocUnsafeSlow(FIRST_BUFFER_BYTES),
    fillBytes: 0,
    spare: Buffer.allocUnsafeSlow(FIRST_BUFFER_BYTES),
    batch: Buffer.alloc(0),
    offset: 0,
    isWriting: false,
    isTimerSet: false,
    isDue: false,
    isFailing: false,
    isFull: false,
    isClosed: false,
    writtenBytes: 0,
    failures: 0,
    onIdle: undefined,
  };
  return {
    add: (lines) => add(state, lines),
    wake: () => wakeAfter(state, FLUSH_AFTER_MS),
    get isFull() {
      return state.isFull;
    },
    get bufferedBytes() {
      return bufferedBytes(state);
    },
    get writtenBytes() {
      return state.writtenBytes;
    },
    get failures() {
      return state.failures;
    },
    async close() {
      if (state.isClosed) return;
      state.isClosed = true;
      await new Promise<void>((resolve) => {
        state.onIdle = resolve;
        flush(state);
      });
    },
  };
}

function add(state: State, lines: string): boolean {
  if (bufferedBytes(state) + lines.length > state.options.bufferBytes) {
    state.isFull = true;
    return false;
  }
  put(state, lines);
  wakeAfter(state, FLUSH_AFTER_MS);
  return true;
}

function hasLines({ fillBytes, options }: State): boolean {
  return fillBytes > 0 || options.hasMore();
}

function put(state: State, text: string): void {
  const { fill, fillBytes } = state;
  const bytes = text.length < LONG_TEXT_UNITS ? text.length * BYTES_PER_UNIT : Buffer.byteLength(text);
  if (fill.length - fillBytes < bytes) {
    state.fill = Buffer.allocUnsafeSlow(Math.max(fill.length * 2, fillBytes + bytes));
    fill.copy(state.fill, 0, 0, fillBytes);
  }
  state.fillBytes += state.fill.write(text, fillBytes);
}

function bufferedBytes({ fillBytes, batch, offset }: State): number {
  return fillBytes + batch.length - offset;
}

function wakeAfter(state: State, delayMs: number): void {
  if (state.isTimerSet || state.isClosed) return;
  state.isTimerSet = true;
  state.options.clock.after(delayMs, state.onTimer);
}

function onTimer(state: State): void {
  state.isTimerSet = false;
  if (state.isWriting) state.isDue = true;
  else flush(state);
}

function flush(state: State): void {
  if (state.isWriting) return;
  state.isDue = false;
  if (state.offset === state.batch.length) {
    if (!hasLines(state)) {
      state.onIdle?.();
      return;
    }
    try {
      nextBatch(state);
    } catch (error) {
      fail(state, error as Error);
      return;
    }
  }
  state.isWriting = true;
  state.file?.append(state.batch, state.offset, state.onWritten);
}

/** Makes what was gathered the batch and gathers in the other buffer, which no write uses any more. */
function nextBatch(state: State): void {
  const { file, before, after } = state.options.prepare(state.fillBytes);
  put(state, after);
  const lines = state.fill.subarray(0, state.fillBytes);
  state.file = file;
  state.batch = before === "" ? lines : Buffer.concat([Buffer.from(before), lines]);
  state.offset = 0;
  const { fill, spare } = state;
  state.fill = spare.length > LARGEST_KEPT_BYTES ? Buffer.allocUnsafeSlow(FIRST_BUFFER_BYTES) : spare;
  state.spare = fill;
  state.fillBytes = 0;
}

function onWritten(state: State, error: Error | null, written: number): void {
  state.isWriting = false;
  if (error || written === 0) {
    fail(state, error ?? new Error("the file took nothing"));
    return;
  }
  state.offset += written;
  state.writtenBytes += written;
  if (state.offset < state.batch.length) {
    flush(state);
    return;
  }
  if (bufferedBytes(state) < state.options.bufferBytes / 2) state.isFull = false;
  if (state.isFailing) {
    state.isFailing = false;
    state.options.onWorking();
  }
  if (state.isDue || state.isClosed) flush(state);
  else if (hasLines(state)) wakeAfter(state, FLUSH_AFTER_MS);
}

function fail(state: State, error: Error): void {
  state.failures += 1;
  if (!state.isFailing) {
    state.isFailing = true;
    state.options.onFailing(error);
  }
  const { batch, offset } = state;
  if (offset > 0 && offset < batch.length && batch[offset - 1] !== LINE_FEED) {
    const start = batch.lastIndexOf(LINE_FEED, offset - 1) + 1;
    state.batch = Buffer.concat([Buffer.of(LINE_FEED), batch.subarray(start)]);
    state.offset = 0;
  }
  state.onIdle?.();
  wakeAfter(state, RETRY_MS);
}
