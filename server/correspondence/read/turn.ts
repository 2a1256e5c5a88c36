import type { CorrespondenceId } from '#kernel/ids.ts';

/** How many before this one want the same letter: those after the first come when it is done, and see what it has written. */
export function turnOf(asked: readonly { readonly id: CorrespondenceId }[], i: number): number {
  const { id } = asked[i]!;
  return asked.slice(0, i).filter((each) => each.id === id).length;
}
