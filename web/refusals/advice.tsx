import type { ReactNode } from 'react';
import type { Refusal } from '../api/ask.ts';
import { useText } from '../ui/language.ts';
import { metRefusals } from './met.ts';

interface Props {
  readonly row: Refusal['row'];
  /** What is said of a refusal that has no words of its own. */
  readonly children: ReactNode;
}

/** What to do about a refusal, in the reader's language. */
export function Advice({ row, children }: Props) {
  const { t } = useText();
  const met = metRefusals.find((each) => each === row);
  return met ? t(`refusal.${met}`) : children;
}
