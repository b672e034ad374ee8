// The batch again, written to be read and not to be fast: every step looks at every sequence, every block has a name, and the
// loop over the running sequences is vLLM's own, in the order of admission. The real batch is tested against it.

import type { EngineProfile } from "../engine-profile.ts";
import type { SequenceInput } from "../sequence.ts";
import { stepTimeMs } from "../step-time.ts";

/** A sequence of the slow batch. */
export interface SlowSequence {
  readonly input: SequenceInput;
  readonly order: number;
  readonly priority: number;
  computedTokens: number;
  generatedTokens: number;
  preemptions: number;
  cachedTokens: number;
  /** Names of its blocks: `c<id>` for a block of the prefix cache, anything else is its own. */
  table: string[];
  place: "waiting" | "running" | "gone";
  /** It has read everything since its last admission. */
  decodes: boolean;
}

/** The part of the batch that the comparison uses. */
export interface SlowBatch {
  readonly running: SlowSequence[];
  readonly waiting: SlowSequence[];
  add(input: SequenceInput): SlowSequence | undefined;
  remove(sequence: SlowSequence): void;
  beginStep(): number | undefined;
  endStep(): { readonly first: SlowSequence[]; readonly finished: SlowSequence[] };
  kvTokens(): number;
  cachedPrefix(blocks: readonly number[], promptTokens: number): number;
}

/** Creates an idle slow batch without jitter. */
export function createSlowBatch(
  profile: EngineProfile,
  options: { readonly policy: "fcfs" | "priority"; readonly maxWaiting: number },
): SlowBatch {
  const capacity = Math.floor(profile.kvCapacityTokens / profile.blockTokens);
  const running: SlowSequence[] = [];
  const waiting: SlowSequence[] = [];
  let scheduled: { readonly sequence: SlowSequence; readonly tokens: number; readonly isDecode: boolean }[] = [];
  let arrivals = 0;
  let blockNames = 0;

  /** Names of the blocks that nobody uses, the longest unused first. */
  let free: string[] = Array.from({ length: capacity }, () => `own${blockNames++}`);

  const blocksOf = (tokens: number): number => Math.ceil(tokens / profile.blockTokens);
  const known = (sequence: SlowSequence): number => sequence.input.promptTokens + sequence.generatedTokens;
  const inUse = (): Set<string> => new Set(running.flatMap(({ table }) => table));
  const isCached = (name: string): boolean => free.includes(name) || inUse().has(name);
  const dropOut = <T>(list: T[], item: T): void => void list.splice(list.indexOf(item), 1);

  const leaveRunning = (sequence: SlowSequence): void => {
    dropOut(running, sequence);
    const names = sequence.table;
    sequence.table = [];
    const still = inUse();
    const freed = names.toReversed().filter((name) => !still.has(name));
    free.push(...freed.filter((name) => !name.startsWith("c")), ...freed.filter((name) => name.startsWith("c")));
  };
  const queue = (sequence: SlowSequence): void => {
    sequence.place = "waiting";
    waiting.push(sequence);
    waiting.sort((a, b) => a.priority - b.priority || a.order - b.order);
  };
  /** Gives the tokens that it would have had in this step. */
  const preempt = (sequence: SlowSequence): number => {
    leaveRunning(sequence);
    const spared = scheduled.find((other) => other.sequence === sequence)?.tokens ?? 0;
    scheduled = scheduled.filter((other) => other.sequence !== sequence);
    sequence.computedTokens = 0;
    sequence.decodes = false;
    sequence.preemptions += 1;
    queue(sequence);
    return spared;
  };
  const victim = (): SlowSequence =>
    options.policy === "fcfs"
      ? (running.at(-1) as SlowSequence)
      : (running.toSorted((a, b) => b.priority - a.priority || b.order - a.order)[0] as SlowSequence);
  const allocate = (sequence: SlowSequence, tokens: number): boolean => {
    const end = sequence.computedTokens + tokens;
    const missing = blocksOf(end) - sequence.table.length;
    if (missing > free.length) return false;
    free = free.slice(Math.max(0, missing));
    for (let count = 0; count < missing; count++) sequence.table.push(`own${blockNames++}`);
    if (!profile.hasPrefixCache) return true;
    const full = Math.floor(end / profile.blockTokens);
    for (const [index, id] of (sequence.input.blocks ?? []).slice(0, full).entries()) {
      const name = sequence.table[index] as string;
      if (name.startsWith("c")) continue;
      // Somebody else's block with the same content takes its place.
      if (isCached(`c${id}`)) free.push(name);
      free = free.filter((other) => other !== `c${id}`);
      sequence.table[index] = `c${id}`;
    }
    return true;
  };
  const cachedBlocks = (blocks: readonly number[], tokens: number): string[] => {
    const limit = profile.hasPrefixCache ? Math.floor((tokens - 1) / profile.blockTokens) : 0;
    const names = blocks.slice(0, limit).map((id) => `c${id}`);
    const missing = names.findIndex((name) => !isCached(name));
    return missing < 0 ? names : names.slice(0, missing);
  };

  const scheduleRunning = (budget: number): { readonly left: number; readonly hasPreempted: boolean } => {
    let left = budget;
    let hasPreempted = false;
    // A copy: whoever is pushed out leaves the list.
    for (const sequence of running.slice()) {
      if (sequence.place !== "running") continue;
      const tokens = Math.min(known(sequence) - sequence.computedTokens, left);
      while (sequence.place === "running" && !allocate(sequence, tokens)) {
        left += preempt(victim());
        hasPreempted = true;
      }
      if (sequence.place !== "running") continue;
      scheduled.push({ sequence, tokens, isDecode: sequence.decodes });
      left -= tokens;
    }
    return { left, hasPreempted };
  };
  const admit = (budget: number): void => {
    let left = budget;
    for (let head = waiting[0]; head !== undefined; head = waiting[0]) {
      if (left === 0 || running.length === profile.maxConcurrency) return;
      const cached = cachedBlocks(head.input.blocks ?? [], known(head));
      const unused = cached.filter((name) => free.includes(name)).length;
      if (blocksOf(known(head)) - cached.length + unused > free.length) return;
      waiting.shift();
      running.push(head);
      head.place = "running";
      head.table = cached;
      free = free.filter((name) => !cached.includes(name));
      head.cachedTokens = cached.length * profile.blockTokens;
      head.computedTokens = head.cachedTokens;
      const tokens = Math.min(known(head) - head.computedTokens, left);
      allocate(head, tokens);
      scheduled.push({ sequence: head, tokens, isDecode: false });
      left -= tokens;
    }
  };
  const durationMs = (): number => {
    const work = { prefillTokens: 0, decodeSequences: 0, contextTokens: 0, attentionPairs: 0 };
    for (const { sequence, tokens, isDecode } of scheduled) {
      if (isDecode) {
        work.decodeSequences += 1;
        work.contextTokens += known(sequence);
      } else {
        work.prefillTokens += tokens;
        work.attentionPairs += tokens * (sequence.computedTokens + tokens / 2);
      }
    }
    return stepTimeMs(profile, work);
  };

  return {
    running,
    waiting,
    add(input) {
      if (running.length + waiting.length >= profile.maxConcurrency + options.maxWaiting) return undefined;
      if (blocksOf(input.promptTokens + input.outputTokens - 1) > capacity) return undefined;
      const sequence: SlowSequence = {
        input,
        order: arrivals++,
        priority: options.policy === "priority" ? (input.priority ?? 0) : 0,
        computedTokens: 0,
        generatedTokens: 0,
        preemptions: 0,
        cachedTokens: 0,
        table: [],
        place: "waiting",
        decodes: false,
      };
      queue(sequence);
      return sequence;
    },
    remove(sequence) {
      if (sequence.place === "running") leaveRunning(sequence);
      if (sequence.place === "waiting") dropOut(waiting, sequence);
      sequence.place = "gone";
    },
    beginStep() {
      if (running.length + waiting.length === 0) return undefined;
      scheduled = [];
      const { left, hasPreempted } = scheduleRunning(Math.max(profile.maxTokensPerStep, profile.maxConcurrency));
      if (!hasPreempted) admit(left);
      return durationMs();
    },
    endStep() {
      const first: SlowSequence[] = [];
      const finished: SlowSequence[] = [];
      for (const { sequence, tokens } of scheduled) {
        if (sequence.place !== "running") continue;
        sequence.computedTokens += tokens;
        if (sequence.computedTokens < known(sequence)) continue;
        sequence.generatedTokens += 1;
        sequence.decodes = true;
        if (sequence.generatedTokens === 1) first.push(sequence);
        if (sequence.generatedTokens < sequence.input.outputTokens) continue;
        leaveRunning(sequence);
        sequence.place = "gone";
        finished.push(sequence);
      }
      return { first, finished };
    },
    kvTokens: () => inUse().size * profile.blockTokens,
    cachedPrefix: (blocks, promptTokens) => cachedBlocks(blocks, promptTokens).length * profile.blockTokens,
  };
}
