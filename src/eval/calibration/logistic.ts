export interface LogisticModel {
  intercept: number;
  weights: number[];
}

const MAX_STEPS = 50;
const DONE = 1e-10;

/**
 * Fits a logistic regression by Newton's method, with half the squared weights as penalty and the intercept free: what scikit-learn's
 * LogisticRegression fits by default. `labels` are 0 or 1.
 */
export function fitLogistic(rows: readonly (readonly number[])[], labels: readonly number[]): LogisticModel {
  const size = (rows[0]?.length ?? 0) + 1;
  let parameters = Array.from({ length: size }, () => 0);
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const gradient = parameters.map((value, at) => (at === 0 ? 0 : value));
    const hessian = parameters.map((_, row) =>
      parameters.map((__, column): number => (row === column && row > 0 ? 1 : 0)),
    );
    for (const [at, row] of rows.entries()) {
      const inputs = [1, ...row];
      const chance = sigmoid(dot(parameters, inputs));
      // Kept above zero, so that separable values leave something to solve for the intercept.
      const curve = Math.max(chance * (1 - chance), 1e-12);
      for (const [left, input] of inputs.entries()) {
        if (input === 0) continue;
        gradient[left] = (gradient[left] ?? 0) + (chance - (labels[at] ?? 0)) * input;
        const line = hessian[left];
        if (line === undefined) continue;
        for (const [right, other] of inputs.entries()) line[right] = (line[right] ?? 0) + curve * input * other;
      }
    }
    const change = solve(hessian, gradient);
    parameters = parameters.map((value, at) => value - (change[at] ?? 0));
    if (change.every((value) => Math.abs(value) < DONE)) break;
  }
  const [intercept = 0, ...weights] = parameters;
  return { intercept, weights };
}

/** How probable it is that a value with these features is right. */
export function predictLogistic({ intercept, weights }: LogisticModel, row: readonly number[]): number {
  return sigmoid(intercept + dot(weights, row));
}

function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

function dot(left: readonly number[], right: readonly number[]): number {
  return left.reduce((sum, value, at) => sum + value * (right[at] ?? 0), 0);
}

/** Solves a system of linear equations by elimination with the largest pivot; both are used up. */
function solve(matrix: number[][], target: number[]): number[] {
  const size = target.length;
  for (let pivot = 0; pivot < size; pivot += 1) {
    let largest = pivot;
    for (let row = pivot + 1; row < size; row += 1) {
      if (Math.abs(matrix[row]?.[pivot] ?? 0) > Math.abs(matrix[largest]?.[pivot] ?? 0)) largest = row;
    }
    [matrix[pivot], matrix[largest]] = [matrix[largest] ?? [], matrix[pivot] ?? []];
    [target[pivot], target[largest]] = [target[largest] ?? 0, target[pivot] ?? 0];
    const line = matrix[pivot] ?? [];
    const head = line[pivot] ?? 0;
    if (head === 0) continue;
    for (let row = pivot + 1; row < size; row += 1) {
      const below = matrix[row] ?? [];
      const factor = (below[pivot] ?? 0) / head;
      for (let column = pivot; column < size; column += 1) {
        below[column] = (below[column] ?? 0) - factor * (line[column] ?? 0);
      }
      target[row] = (target[row] ?? 0) - factor * (target[pivot] ?? 0);
    }
  }
  const result = Array.from({ length: size }, () => 0);
  for (let row = size - 1; row >= 0; row -= 1) {
    const line = matrix[row] ?? [];
    const known = result.reduce((sum, value, column) => (column > row ? sum + value * (line[column] ?? 0) : sum), 0);
    const head = line[row] ?? 0;
    result[row] = head === 0 ? 0 : ((target[row] ?? 0) - known) / head;
  }
  return result;
}
