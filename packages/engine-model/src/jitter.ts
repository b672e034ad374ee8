// Steps of a real engine take a little more or less time than the model says. A log-normal factor of mean 1 keeps the mean.

/** A function that gives a time its jitter. `relativeDeviation` 0, or nobody to draw from: times stay as they are. */
export function createJitter(relativeDeviation: number, random: (() => number) | undefined): (ms: number) => number {
  if (random === undefined || relativeDeviation <= 0) return (ms) => ms;
  const variance = Math.log(1 + relativeDeviation * relativeDeviation);
  const deviation = Math.sqrt(variance);
  return (ms) => ms * Math.exp(deviation * standardNormal(random) - variance / 2);
}

/** Box and Muller's transform; 1 − u, because u may be 0. */
function standardNormal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
