import { type BoardSort, boardSorts, causes, sentStandings } from '../api/board-words.ts';
import { type PartySearch, readPartySearch, textOf } from '../ui/party.ts';

export interface UnreadSearch extends PartySearch {
  readonly cause?: (typeof causes)[number];
  /** Number of the one recipient that is looked at, and the one service. */
  readonly to?: string;
  readonly service?: string;
  /** What waits for the sender's decision alone: mails that ask for it lead here. */
  readonly asked?: true;
  /** Oldest first where nothing is said. */
  readonly sort?: BoardSort;
}

export function readUnreadSearch(search: Record<string, unknown>): UnreadSearch {
  const cause = causes.find((each) => each === search.cause);
  const sort = boardSorts.find((each) => each === search.sort);
  const { to } = textOf('to', search);
  return {
    ...readPartySearch(search),
    ...textOf('service', search),
    ...(to && /^(\d{9}|\d{11})$/.test(to) ? { to } : {}),
    ...(cause ? { cause } : {}),
    ...(search.asked === true || search.asked === 'true' ? { asked: true } : {}),
    ...(sort ? { sort } : {}),
  };
}

export interface SentSearch extends PartySearch {
  readonly standing?: (typeof sentStandings)[number];
  readonly service?: string;
  readonly confidential?: true;
  /** Days. */
  readonly from?: string;
  readonly until?: string;
}

export function readSentSearch(search: Record<string, unknown>): SentSearch {
  const standing = sentStandings.find((each) => each === search.standing);
  const [{ from }, { until }] = [textOf('from', search), textOf('until', search)];
  return {
    ...readPartySearch(search),
    ...textOf('service', search),
    ...(standing ? { standing } : {}),
    ...(search.confidential === true || search.confidential === 'true' ? { confidential: true } : {}),
    ...(from && isDay(from) ? { from } : {}),
    ...(until && isDay(until) ? { until } : {}),
  };
}

function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
}
