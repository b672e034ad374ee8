// A linear model that is fitted sample by sample and forgets old ones: the cheapest honest stand-in for a learned latency model.

/** A model of so many features. */
export interface LinearModel {
  predict(features: readonly number[]): number;
  learn(features: readonly number[], value: number): void;
}

/** Recursive least squares. `memory`: weight of a sample after one more, just below 1. */
export function createLinearModel(size: number, memory: number): LinearModel {
  const weights = new Float64Array(size);
  // The inverse of the features' second moments; large at first: nothing is known.
  const inverse = Float64Array.from({ length: size * size }, (_, index) => (index % (size + 1) === 0 ? 1_000 : 0));
  const gain = new Float64Array(size);
  const predict = (features: readonly number[]): number => {
    let sum = 0;
    for (let index = 0; index < size; index += 1) sum += (weights[index] as number) * (features[index] as number);
    return sum;
  };
  return {
    predict,
    learn(features, value) {
      let scale = memory;
      for (let row = 0; row < size; row += 1) {
        let sum = 0;
        for (let column = 0; column < size; column += 1) {
          sum += (inverse[row * size + column] as number) * (features[column] as number);
        }
        gain[row] = sum;
        scale += sum * (features[row] as number);
      }
      const error = value - predict(features);
      for (let row = 0; row < size; row += 1) {
        weights[row]! += ((gain[row] as number) / scale) * error;
        for (let column = 0; column < size; column += 1) {
          const step = ((gain[row] as number) * (gain[column] as number)) / scale;
          inverse[row * size + column] = ((inverse[row * size + column] as number) - step) / memory;
        }
      }
    },
  };
}
