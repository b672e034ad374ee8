// The probe of each ejected endpoint, for all workers at once: who has it, when the next one may go, that it came back well. One
// SharedArrayBuffer with one 64-bit cell per endpoint slot (the column of the in-flight table), changed by compare-and-swap. The cell
// holds a part of the slot's generation too, so that what was found out of an endpoint is not said of the next one in its slot.
//
// A cell: 32 bits of a tick, 2 of what it means, 8 of the worker that probes or of the pauses so far, 22 of the generation.
import type { SharedProbe } from "@flyball/traffic";
import { MAX_SLOTS, type Slot } from "./in-flight-table.ts";
import { createSharedTicks, readSharedTime } from "./shared-ticks.ts";

const PROBING = 1;
const RESTING = 2;
const RETURNED = 3;
const MOST_IN_BYTE = 0xff;
const GENERATION_MASK = 0x3f_ffff;
/** Cells before the first slot: the moment at which the table was made. */
const HEADER_CELLS = 1;
const NONE: SharedProbe = { kind: "none" };

/** The shared probes. A worker's view speaks in that worker's own monotonic milliseconds. */
export interface ProbeTable {
  read(slot: Slot): SharedProbe;
  /** Takes the one probe, which counts as lost after `until`; false: another worker has it, or it is too early for one. */
  begin(slot: Slot, now: number, until: number): boolean;
  /** The probe failed, or this worker ejected the endpoint. What another worker's probe will say comes before it. */
  rest(slot: Slot, until: number, pauses: number): void;
  /** The endpoint works again. */
  returned(slot: Slot, at: number): void;
  /** This worker's probe said nothing: another one may go at once. */
  release(slot: Slot): void;
}

/** Makes the memory; by the main thread. 32 KiB. */
export function createProbeBuffer(sharedNow: number = readSharedTime()): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer((HEADER_CELLS + MAX_SLOTS) * BigInt64Array.BYTES_PER_ELEMENT);
  new Float64Array(buffer)[0] = sharedNow;
  return buffer;
}

/** Gives back the probes of a worker that died. */
export function clearProbesOf(buffer: SharedArrayBuffer, worker: number): void {
  const cells = new BigInt64Array(buffer);
  for (let index = 0; index < MAX_SLOTS; index += 1) {
    const seen = Atomics.load(cells, HEADER_CELLS + index);
    const { meaning, byte } = unpack(seen);
    if (meaning === PROBING && byte === (worker & MOST_IN_BYTE)) {
      Atomics.compareExchange(cells, HEADER_CELLS + index, seen, 0n);
    }
  }
}

/** Wraps the memory for a worker; `monotonic` is that thread's clock. */
export function wrapProbeTable(
  buffer: SharedArrayBuffer,
  worker: number,
  monotonic: () => number,
  sharedTime: () => number = readSharedTime,
): ProbeTable {
  const cells = new BigInt64Array(buffer);
  const ticks = createSharedTicks(new Float64Array(buffer)[0] as number, monotonic, sharedTime);
  const own = worker & MOST_IN_BYTE;
  const meant = (slot: Slot, seen: bigint): SharedProbe => {
    const { tick, meaning, byte, generation } = unpack(seen);
    if (generation !== (slot.generation & GENERATION_MASK)) return NONE;
    const time = ticks.time(tick);
    if (meaning === PROBING) return { kind: "probing", until: time };
    if (meaning === RESTING) return { kind: "resting", until: time, pauses: byte };
    return meaning === RETURNED ? { kind: "returned", at: time } : NONE;
  };
  /** `next` sees what stands there and says what is to stand there; undefined leaves it. */
  const change = (slot: Slot, next: (seen: SharedProbe, isOwn: boolean) => Cell | undefined): boolean => {
    const at = HEADER_CELLS + slot.index;
    for (;;) {
      const seen = Atomics.load(cells, at);
      const cell = next(meant(slot, seen), unpack(seen).byte === own);
      if (!cell) return false;
      const packed = pack(slot, cell);
      if (Atomics.compareExchange(cells, at, seen, packed) === seen) return true;
    }
  };
  const isAnothers = (seen: SharedProbe, isOwn: boolean): boolean =>
    seen.kind === "probing" && !isOwn && monotonic() < seen.until;
  return {
    read: (slot) => meant(slot, Atomics.load(cells, HEADER_CELLS + slot.index)),
    begin: (slot, now, until) =>
      change(slot, (seen) => {
        const isTaken = (seen.kind === "probing" || seen.kind === "resting") && now < seen.until;
        return isTaken ? undefined : { tick: ticks.after(until), meaning: PROBING, byte: own };
      }),
    rest(slot, until, pauses) {
      change(slot, (seen, isOwn) => {
        if (isAnothers(seen, isOwn)) return undefined;
        const known = seen.kind === "resting" ? seen : undefined;
        const latest = Math.max(until, known?.until ?? until);
        const most = Math.max(pauses, known?.pauses ?? 0);
        return { tick: ticks.after(latest), meaning: RESTING, byte: Math.min(MOST_IN_BYTE, most) };
      });
    },
    returned(slot, at) {
      change(slot, () => ({ tick: ticks.before(at), meaning: RETURNED, byte: 0 }));
    },
    release(slot) {
      change(slot, (seen, isOwn) => (seen.kind === "probing" && isOwn ? { tick: 0, meaning: 0, byte: 0 } : undefined));
    },
  };
}

interface Cell {
  readonly tick: number;
  readonly meaning: number;
  readonly byte: number;
}

function pack({ generation }: Slot, { tick, meaning, byte }: Cell): bigint {
  const high = (meaning << 30) | (byte << 22) | (generation & GENERATION_MASK);
  return BigInt.asIntN(64, (BigInt(high >>> 0) << 32n) | BigInt(tick));
}

function unpack(cell: bigint): Cell & { readonly generation: number } {
  const bits = BigInt.asUintN(64, cell);
  const high = Number(bits >> 32n);
  return {
    tick: Number(bits & 0xffff_ffffn),
    meaning: high >>> 30,
    byte: (high >>> 22) & MOST_IN_BYTE,
    generation: high & GENERATION_MASK,
  };
}
