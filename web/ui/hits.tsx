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
  const answered = useRef(asked);
  const text = count === undefined ? '' : count === 0 ? t('hits.none') : t(mayHaveMore ? 'hits.atLeast' : 'hits.found', { count });
  useEffect(() => {
    if (text === '' || answered.current === asked) return;
    answered.current = asked;
    whisper(text);
  }, [asked, text]);
  return isNarrowed && count !== undefined && count > 0 ? <p className="quiet">{text}</p> : null;
}
