import { type PartySearch, readPartySearch, textOf } from '../ui/party.ts';
import { isMonth } from './days.ts';

/** How far back the figures go, in weeks. */
export const lengths = [4, 12, 26, 52] as const;

export interface FiguresSearch extends PartySearch {
  readonly weeks?: (typeof lengths)[number];
}

export function readFiguresSearch(search: Record<string, unknown>): FiguresSearch {
  const weeks = lengths.find((each) => each === Number(search.weeks));
  return { ...readPartySearch(search), ...(weeks ? { weeks } : {}) };
}

export interface StatementsSearch extends PartySearch {
  /** `2026-11`; the present one when it is not said. */
  readonly month?: string;
}

export function readStatementsSearch(search: Record<string, unknown>): StatementsSearch {
  const { month } = textOf('month', search);
  return { ...readPartySearch(search), ...(month && isMonth(month) ? { month } : {}) };
}
