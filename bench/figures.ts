/** Of numbers in ascending order; 0 of none. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export function median(numbers: readonly number[]): number {
  return percentile(
    numbers.toSorted((a, b) => a - b),
    0.5,
  );
}

/** Least, median and greatest, as every table of a bench shows them. */
export function spread(numbers: readonly number[], digits = 0): string {
  const sorted = numbers.toSorted((a, b) => a - b);
  return [sorted[0] ?? 0, percentile(sorted, 0.5), sorted.at(-1) ?? 0].map((n) => n.toFixed(digits)).join('/');
}
