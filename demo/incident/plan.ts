import type { Organization } from '../cast.ts';
import { chance, drawn } from './chance.ts';
import { city as cityFacts, concern } from './facts.ts';
import type { Receiver, World } from './world.ts';

/**
 * How those at the recipient behave. `grants`: the director lets the contact in, to message and file. `halves`: to the message first, and
 * to the file later. `idle`: nobody does anything, and the sender decides when it is asked. `opener`: somebody holds the right from the
 * beginning. `nobody`: there is nobody who could, and the sender decides at once.
 */
export type Conduct = 'grants' | 'halves' | 'idle' | 'opener' | 'nobody';
export type Decision = 'read-elsewhere' | 'recall' | 'accept-as-unread';
export type Act = 'send' | 'grant' | 'open' | 'grant-file' | 'open-file' | 'decide' | 'look';

/** One message to one recipient, and what is to become of it. */
export interface Shipment {
  readonly n: number;
  readonly story: 'police' | 'city';
  readonly sender: Organization;
  readonly receiver: Receiver;
  readonly conduct: Conduct;
  /** Days since the beginning of the time that is replayed. */
  readonly days: Readonly<Partial<Record<Act, number>>> & { readonly send: number };
  readonly decision: Decision;
}

export interface Plan {
  /** The day from which days are counted. */
  readonly firstDay: string;
  readonly shipments: readonly Shipment[];
}

/** On which day the ladder asks the sender to decide, and on which it has said before that nobody has opened. */
export const askedOnDay = 14;
const toldOnDay = 8;

/** Pure. Everything that happens, the same on every run. A small one plays the last months only. */
export function makePlan(world: World, { isSmall }: { readonly isSmall: boolean }): Plan {
  const firstDay = isSmall ? '2023-01-03' : concern.firstDay;
  const span = daysBetween(firstDay, concern.lastDay);
  const police = planPolice(world, span);
  return { firstDay, shipments: [...police, ...planCity(world, firstDay, police.length)] };
}

/** Three on a date, spread over the whole time; each municipality of a district in turn. */
function planPolice({ districts }: World, span: number): Shipment[] {
  const letters = districts.flatMap((district) => Array.from({ length: district.messages }, (_, i) => ({ district, i })));
  const inOrder = letters.toSorted((a, b) => chance('order', a.district.name, a.i) - chance('order', b.district.name, b.i));
  const dates = Math.ceil(letters.length / 3);
  return inOrder.map(({ district, i }, n) => {
    const receiver = district.municipalities[i % district.municipalities.length]!;
    return shipment({ n, story: 'police', sender: district, receiver, day: Math.floor((Math.floor(n / 3) * span) / dates) });
  });
}

/** On each date the city writes to some of them, so that all together get what is to be sent. */
function planCity({ city }: World, firstDay: string, before: number): Shipment[] {
  const begun = Math.max(0, daysBetween(firstDay, cityFacts.firstDay));
  return Array.from({ length: city.shipments }, (_, i) => {
    const date = Math.floor((i * city.dates) / city.shipments);
    const receiver = city.receivers[i % city.receivers.length]!;
    return shipment({ n: before + i, story: 'city', sender: city, receiver, day: begun + 14 * date + 1 });
  });
}

function shipment({ day, ...of }: Pick<Shipment, 'n' | 'story' | 'sender' | 'receiver'> & { readonly day: number }): Shipment {
  const conduct = conductOf(of);
  const drawnDecision = chance('decision', of.n);
  const decision = drawnDecision < 0.5 ? 'read-elsewhere' : drawnDecision < 0.8 ? 'recall' : 'accept-as-unread';
  return { ...of, conduct, decision, days: { send: day, ...laterDays(conduct, day, of.n) } };
}

function conductOf({ n, story, receiver }: Pick<Shipment, 'n' | 'story' | 'receiver'>): Conduct {
  if (!receiver.director) return 'nobody';
  if (receiver.hasOpener) return 'opener';
  const one = chance('conduct', n);
  if (one < 0.22) return 'idle';
  return story === 'police' && one < 0.4 ? 'halves' : 'grants';
}

function laterDays(conduct: Conduct, day: number, n: number): Partial<Record<Act, number>> {
  if (conduct === 'nobody') return { decide: day };
  if (conduct === 'opener') return { open: day + drawn(6, 'opens', n) };
  if (conduct === 'idle') return { look: day + toldOnDay, decide: day + askedOnDay };
  const grant = day + 1 + drawn(3, 'grants', n);
  if (conduct === 'grants') return { grant, open: grant };
  const file = grant + 1 + drawn(4, 'file', n);
  return { grant, open: grant, 'grant-file': file, 'open-file': file };
}

const dayMillis = 86_400_000;

export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / dayMillis);
}

/** The date that is so many days after another. */
export function dateAfter(firstDay: string, days: number): string {
  return new Date(Date.parse(firstDay) + days * dayMillis).toISOString().slice(0, 10);
}
