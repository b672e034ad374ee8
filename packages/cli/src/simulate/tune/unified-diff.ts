// The difference of two short texts as `diff -u` writes it, so that `patch` and people can read it.

const CONTEXT = 3;

type Step = { readonly mark: " " | "-" | "+"; readonly line: string };

/** Empty for equal texts. Meant for files of some thousand lines at most: time and memory grow with the square of what differs. */
export function unifiedDiff(name: string, before: string, after: string): string {
  const steps = stepsBetween(linesOf(before), linesOf(after));
  if (steps.every(({ mark }) => mark === " ")) return "";
  return [`--- ${name}`, `+++ ${name}`, ...hunksOf(steps).map(hunkText)].join("\n");
}

function linesOf(text: string): readonly string[] {
  const lines = text.split("\n");
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

/** By the longest common subsequence of what lies between the equal beginning and the equal end. */
function stepsBetween(before: readonly string[], after: readonly string[]): readonly Step[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < before.length - head && tail < after.length - head && before.at(-1 - tail) === after.at(-1 - tail))
    tail += 1;
  const same = (lines: readonly string[]): readonly Step[] => lines.map((line) => ({ mark: " ", line }));
  const middle = middleSteps(before.slice(head, before.length - tail), after.slice(head, after.length - tail));
  return [...same(before.slice(0, head)), ...middle, ...same(before.slice(before.length - tail))];
}

function middleSteps(before: readonly string[], after: readonly string[]): readonly Step[] {
  const width = after.length + 1;
  /** Length of the longest common subsequence of what begins at both places. */
  const common = new Uint32Array((before.length + 1) * width);
  for (let a = before.length - 1; a >= 0; a -= 1) {
    for (let b = after.length - 1; b >= 0; b -= 1) {
      const down = common[(a + 1) * width + b] as number;
      const right = common[a * width + b + 1] as number;
      common[a * width + b] =
        before[a] === after[b] ? (common[(a + 1) * width + b + 1] as number) + 1 : Math.max(down, right);
    }
  }
  const steps: Step[] = [];
  let a = 0;
  let b = 0;
  while (a < before.length || b < after.length) {
    const isSame = a < before.length && b < after.length && before[a] === after[b];
    const goesDown =
      b >= after.length ||
      (a < before.length && (common[(a + 1) * width + b] as number) >= (common[a * width + b + 1] as number));
    if (isSame) {
      steps.push({ mark: " ", line: before[a++] as string });
      b += 1;
    } else if (goesDown) steps.push({ mark: "-", line: before[a++] as string });
    else steps.push({ mark: "+", line: after[b++] as string });
  }
  return steps;
}

interface Hunk {
  readonly beforeLine: number;
  readonly afterLine: number;
  readonly steps: readonly Step[];
}

/** Changes with three lines around them; those that touch are one. */
function hunksOf(steps: readonly Step[]): readonly Hunk[] {
  const isNear = steps.map((_step, index) =>
    steps.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(({ mark }) => mark !== " "),
  );
  const hunks: Hunk[] = [];
  let open: { beforeLine: number; afterLine: number; steps: Step[] } | undefined;
  let beforeLine = 1;
  let afterLine = 1;
  for (const [index, step] of steps.entries()) {
    if (isNear[index] === true) {
      if (open === undefined) hunks.push((open = { beforeLine, afterLine, steps: [] }));
      open.steps.push(step);
    } else open = undefined;
    if (step.mark !== "+") beforeLine += 1;
    if (step.mark !== "-") afterLine += 1;
  }
  return hunks;
}

function hunkText({ beforeLine, afterLine, steps }: Hunk): string {
  const count = (without: "+" | "-"): number => steps.filter(({ mark }) => mark !== without).length;
  const lines = steps.map(({ mark, line }) => `${mark}${line}`).join("\n");
  return `@@ -${beforeLine},${count("+")} +${afterLine},${count("-")} @@\n${lines}`;
}
