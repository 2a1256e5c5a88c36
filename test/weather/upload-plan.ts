import { randomFrom } from '../random.ts';

/** A file to be uploaded: in how many lines at once, and how much of it in a request. */
export interface PlannedFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly parallel: number;
  readonly chunkBytes: number;
}

/** Due when so many bytes of all files have been acknowledged, and a moment later. */
export interface PlannedKill {
  readonly afterBytes: number;
  readonly pauseMillis: number;
}

export interface UploadPlan {
  readonly files: readonly PlannedFile[];
  readonly kills: readonly PlannedKill[];
}

export interface PlanOptions {
  readonly seed: number;
  readonly files: number;
  readonly kills: number;
  readonly leastBytes: number;
  readonly mostBytes: number;
  readonly chunkBytes: number;
}

/**
 * Pure. The same numbers make the same plan. The first file is the largest, the others are mostly small; each eighth goes in requests as large
 * as it is, and half of the rest in four lines at once.
 */
export function planUploads({ seed, files: count, kills: killCount, leastBytes, mostBytes, chunkBytes }: PlanOptions): UploadPlan {
  const random = randomFrom(seed);
  const files = Array.from({ length: count }, (_, i): PlannedFile => {
    const [size, line] = [random(), random()];
    const sizeBytes = i === 0 ? mostBytes : leastBytes + Math.floor(size ** 4 * (mostBytes - leastBytes));
    const inOne = i % 8 === 1;
    return { name: `${seed}-${i}`, sizeBytes, parallel: inOne || line < 0.5 ? 1 : 4, chunkBytes: inOne ? sizeBytes : chunkBytes };
  });
  const totalBytes = bytesOf(files);
  const kills = Array.from({ length: killCount }, (_, n): PlannedKill => {
    const [place, pause] = [random(), random()];
    return { afterBytes: Math.floor(((n + place) * totalBytes) / (killCount + 0.5)), pauseMillis: pause * 100 };
  });
  return { files, kills };
}

/** Pure. What of a plan belongs to its files from one on and up to another. All pieces of a plan together are the plan. */
export function pieceOf({ files, kills }: UploadPlan, from: number, upTo: number): UploadPlan {
  const [before, through] = [bytesOf(files.slice(0, from)), bytesOf(files.slice(0, upTo))];
  return {
    files: files.slice(from, upTo),
    kills: kills
      .filter(({ afterBytes }) => afterBytes >= before && afterBytes < through)
      .map((kill) => ({ ...kill, afterBytes: kill.afterBytes - before })),
  };
}

export const bytesOf = (files: readonly PlannedFile[]): number => files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
