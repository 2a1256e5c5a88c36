import { useEffect, useRef } from 'react';
import { whisper } from './announce.tsx';
import { useText } from './language.ts';

interface Props {
  /** How many are shown; not known while they are fetched. */
  readonly count: number | undefined;
  readonly mayHaveMore: boolean;
  /** What is asked for, in any form: of another question the answer is told. */
  readonly asked: string;
  readonly isNarrowed: boolean;
}

/** How much a search, a filter or another order has found: to be seen while it is narrowed, and said when it is there. */
export function Hits({ count, mayHaveMore, asked, isNarrowed }: Props) {
  const { t } = useText();
  // What is there at first is told to nobody. Of a search it is told again where what it found before stood there first.
  const told = useRef<{ readonly asked: string; readonly text?: string }>({ asked });
  const text = count === undefined ? '' : count === 0 ? t('hits.none') : t(mayHaveMore ? 'hits.atLeast' : 'hits.found', { count });
  useEffect(() => {
    const last = told.current;
    const isSaid = last.asked === asked && (!isNarrowed || last.text === undefined || last.text === text);
    if (text === '' || isSaid) return;
    told.current = { asked, text };
    whisper(text);
  }, [asked, text, isNarrowed]);
  return isNarrowed && count !== undefined && count > 0 ? <p className="quiet">{text}</p> : null;
}
