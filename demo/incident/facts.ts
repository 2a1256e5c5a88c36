/**
 * What is publicly known of the post that lay unread until 2023, and by whom it was said. Only numbers: who the recipients were is not
 * published, and the municipalities of this replay are made up. docs/incident.md says more.
 */
export interface Fact {
  readonly what: string;
  readonly source: string;
}

export const facts: readonly Fact[] = [
  {
    what: '172 messages of concern for children, sent by the police from 2018 to 2023, were not opened or were opened too late. 168 were known in other ways; 4, about 8 children, were not.',
    source: 'Politidirektoratet, final count, 2023 (politiet.no; NRK)',
  },
  {
    what: 'It took two single rights, “Straffesak Forsendelse” for the message and “Straffesak Filvedlegg” for the file. Recipients did not know of them, and nobody there held them.',
    source: "Altinn's page of the service and the police's guide for users, 2017; NTB, 11 July 2023",
  },
  {
    what: 'What lay in the inbox was deleted after 30 days. The sender could see all the time that nothing was opened. Nobody looked.',
    source: 'politiet.no; VG, July 2023',
  },
  {
    what: 'Unread letters of all kinds, by police district: Vest 118 to Bergen (77 to child welfare, 25 of them of concern), Innlandet 317 to municipalities (192), Trøndelag 139 (104), Sør-Vest 78, Finnmark 39.',
    source: 'Politidirektoratet and the districts, 2023 (politiet.no; NRK)',
  },
  {
    what: 'One city alone found 1,307 confidential shipments of its own, to 162 organizations, that nobody had opened.',
    source: 'the city, as a sender, 2023',
  },
];

/** How many messages of concern lay unread, and when the first and the last day of that time were. */
export const concern = {
  messages: 172,
  firstDay: '2018-01-02',
  lastDay: '2023-07-04',
  knownOtherwise: 168,
  unknownCases: 4,
  children: 8,
} as const;

export const city = { shipments: 1307, organizations: 162, dates: 26, firstDay: '2022-07-05' } as const;

/** After so many days the content was deleted. */
export const deletedAfterDays = 30;

export interface District {
  readonly name: string;
  /** Unread letters of all kinds, as published. */
  readonly letters: number;
  /** Messages of concern among them, where that is published. */
  readonly ofConcern?: number;
}

export const districts: readonly District[] = [
  { name: 'Vest politidistrikt', letters: 118, ofConcern: 25 },
  { name: 'Innlandet politidistrikt', letters: 317 },
  { name: 'Trøndelag politidistrikt', letters: 139 },
  { name: 'Sør-Vest politidistrikt', letters: 78 },
  { name: 'Finnmark politidistrikt', letters: 39 },
];

/**
 * Pure. How the messages are divided over the districts: what is published as it is, and the rest by the published counts of all
 * unread letters (largest remainder). How they were divided is not published.
 */
export function allot(total: number, among: readonly District[] = districts): number[] {
  const known = among.reduce((sum, { ofConcern = 0 }) => sum + ofConcern, 0);
  const weights = among.map(({ letters, ofConcern }) => (ofConcern === undefined ? letters : 0));
  const rest = divide(total - Math.min(known, total), weights);
  return among.map(({ ofConcern }, i) => ofConcern ?? rest[i]!);
}

/** Pure. Whole numbers in these proportions that add up to the total. */
export function divide(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  const exact = weights.map((weight) => (total * weight) / sum);
  const whole = exact.map(Math.floor);
  const left = total - whole.reduce((a, b) => a + b, 0);
  const byRemainder = [...exact.keys()].sort((a, b) => exact[b]! - whole[b]! - (exact[a]! - whole[a]!) || a - b);
  for (const i of byRemainder.slice(0, left)) whole[i]! += 1;
  return whole;
}
