import type { FileRun } from './run-files.ts';

/** Of some 160 processes beside each other on two cores, a few meet a second in which they get no turn. More than this are no bad luck. */
const mostTriedAgain = 6;

/** Pure. Whether what failed among others, so many processes, is run once more, file by file. */
export const isToBeTriedAgain = (failed: number): boolean => failed > 0 && failed <= mostTriedAgain;

/**
 * Pure. What a run comes to: it passes when every file passed, or when each that did not has passed alone. What failed first is always
 * said by name, since it is to be mended.
 */
export function verdict(first: readonly FileRun[], second: readonly FileRun[]): { passes: boolean; lines: string[] } {
  const failed = first.filter(({ failures }) => failures.length > 0);
  const passedAlone = (file: string): boolean => second.some((again) => again.file === file && again.failures.length === 0);
  const saved = failed.filter(({ file }) => passedAlone(file));
  const lost = failed.filter(({ file }) => !passedAlone(file));
  const tell = (what: string, files: readonly FileRun[]): string[] =>
    files.flatMap(({ file, failures }) => failures.map((name) => `${what}: ${file}: ${name}`));
  return {
    passes: lost.length === 0,
    lines: [...tell('FAILED FIRST, PASSED ALONE', saved), ...tell('FAILED', lost)],
  };
}
