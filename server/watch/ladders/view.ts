import type { Actor } from '#evidence/index.ts';
import type { StoredLadder } from './store.ts';
import type { LadderView, Maker } from './wire.ts';

/** Pure. A ladder as its owner and those who may copy it see it. */
export function viewOf(
  { id, version, owner, isDraft, fact, factFrom, steps, madeAt, madeBy }: StoredLadder,
  makerOf: (who: Actor | null) => Maker | null,
): LadderView {
  return {
    id,
    version,
    kind: isDraft ? 'draft' : owner === null ? 'preset' : 'own',
    drawnFrom: fact === null ? null : { fact, source: factFrom! },
    steps: steps.map(({ source: _, ...step }) => step) as LadderView['steps'],
    madeAt: madeAt.toISOString(),
    madeBy: makerOf(madeBy),
  };
}
