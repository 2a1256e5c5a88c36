/** What is sampled, in the units of `measures`. */
export interface Sample {
  readonly seconds: number;
  readonly serverMegabytes: number;
  readonly databaseMegabytes: number;
  readonly connections: number;
  readonly openFiles: number;
  readonly queueAgeSeconds: number;
  readonly loopDelayMillis: number;
}

export type Measure = Exclude<keyof Sample, 'seconds'>;

/** What each may grow by from the first to the last sample and still be flat: a tenth of its median, or this much where that is more. */
export const measures: Readonly<Record<Measure, { readonly name: string; readonly unit: string; readonly floor: number }>> = {
  serverMegabytes: { name: 'memory of the server', unit: 'MB', floor: 24 },
  databaseMegabytes: { name: 'own memory of a PostgreSQL process', unit: 'MB', floor: 3 },
  connections: { name: 'connections', unit: '', floor: 3 },
  openFiles: { name: 'open files of the server', unit: '', floor: 8 },
  queueAgeSeconds: { name: 'age of what is due', unit: 's', floor: 5 },
  loopDelayMillis: { name: 'delay of the event loop, p99', unit: 'ms', floor: 20 },
};

const allowedShare = 0.1;
/** Of the run: in it caches fill, pools grow and plans are made. */
const warmUpShare = 0.25;

export interface Verdict {
  readonly measure: Measure;
  readonly first: number;
  readonly median: number;
  readonly last: number;
  /** By the slope, from the first sample that counts to the last. */
  readonly growth: number;
  readonly allowed: number;
  readonly isFlat: boolean;
}

/** Pure. A measure is flat when its slope, over all that was sampled after the warm-up, makes less than what is allowed. Shrinking is flat. */
export function judge(samples: readonly Sample[]): Verdict[] {
  const counted = samples.filter(({ seconds }) => seconds >= samples.at(-1)!.seconds * warmUpShare);
  if (counted.length < 3) throw new Error('three samples after the warm-up are the least that has a slope');
  const length = counted.at(-1)!.seconds - counted[0]!.seconds;
  return (Object.keys(measures) as Measure[]).map((measure) => {
    const values = counted.map((sample) => sample[measure]);
    const middle = medianOf(values);
    const growth = slopeOf(counted.map((sample) => [sample.seconds, sample[measure]])) * length;
    const allowed = Math.max(middle * allowedShare, measures[measure].floor);
    return { measure, first: values[0]!, median: middle, last: values.at(-1)!, growth, allowed, isFlat: growth < allowed };
  });
}

/** Pure. The median of the slopes between all pairs of points (Theil and Sen): a few outliers, such as a checkpoint, do not tilt it. */
export function slopeOf(points: readonly (readonly [number, number])[]): number {
  return medianOf(points.flatMap(([x, y], i) => points.slice(i + 1).map(([otherX, otherY]) => (otherY - y) / (otherX - x))));
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
}

/** What a person reads. */
export function showVerdicts(verdicts: readonly Verdict[]): string {
  const cells = (words: readonly string[]): string => words.map((word) => word.padStart(12)).join('');
  const lines = verdicts.map(({ measure, first, median, last, growth, allowed, isFlat }) => {
    const { name, unit } = measures[measure];
    const numbers = [first, median, last, growth, allowed].map((value) => `${value.toFixed(1)} ${unit}`.trim());
    return `${(isFlat ? 'flat' : 'GROWS').padEnd(7)}${name.padEnd(36)}${cells(numbers)}`;
  });
  return [`\n${''.padEnd(43)}${cells(['first', 'median', 'last', 'growth', 'allowed'])}`, ...lines].join('\n');
}
