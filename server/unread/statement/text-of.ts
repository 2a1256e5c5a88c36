import { type PostKind, postKinds } from '../policies.ts';
import type { Counts, Statement } from './compose-statement.ts';
import { kindsToldOf } from './kinds-told-of.ts';

type Words = Readonly<Record<string, string>>;

const outcomes: Words = {
  opened: 'åpnet',
  confirmed: 'bekreftet',
  'handed-over': 'hentet av mottakers system',
  'read-elsewhere': 'lest et annet sted',
  relayed: 'sendt videre på papir',
  recalled: 'trukket tilbake',
  'deleted-by-recipient': 'slettet av mottaker',
  failed: 'kunne ikke leveres',
  'accepted-unread': 'avsender har tatt stilling: blir ikke lest',
};

const causes: Words = {
  'not-published': 'ikke klar ennå',
  returned: 'kom i retur på papir',
  'receiver-gone': 'mottakeren finnes ikke lenger',
  'no-opener': 'ingen kan åpne',
  'grant-needed': 'noen må gi tilgang',
  'attachment-locked': 'ingen kan åpne vedlegget',
  'opened-not-confirmed': 'åpnet, ikke bekreftet',
  'file-not-fetched': 'filen er ikke hentet',
  'no-contact-point': 'mangler varslingsadresse',
  'notification-failed': 'varselet kom ikke fram',
  'not-notified': 'ikke varslet',
  waiting: 'varsles senere',
  unknown: 'vi kan ikke vite hvorfor',
  'notified-not-opened': 'varslet, ikke åpnet',
  'younger-than-a-day': 'yngre enn et døgn',
};

const ages: Words = {
  d0: 'mindre enn ett døgn',
  d1: 'ett døgn',
  d2to7: 'to til sju døgn',
  d8to30: 'åtte til tretti døgn',
  d31plus: 'mer enn tretti døgn',
};

const classes: Words = {
  UNREACHABLE: 'ingen',
  GRANTABLE: 'ingen ennå, men noen kan gi tilgang',
  COLD: 'noen, som ikke er sett på lenge',
  REACHABLE: 'noen',
  PROVEN: 'noen som har åpnet slik post før',
  UNKNOWN: 'ikke kjent',
  'not-known': 'har endret seg siden døgnets slutt',
};

const titles: Readonly<Record<PostKind, string>> = { message: 'Meldinger', file: 'Filer' };

/** Pure. The statement for people, or what it says of these kinds of post. */
export function textOf(s: Statement, sha256: string, broken: readonly string[], kinds: readonly PostKind[]): string {
  const isWhole = kindsToldOf(s).every((kind) => kinds.includes(kind));
  return [
    `Oppgjør for ${s.day} (${s.from} til ${s.to}, norsk døgn)`,
    ...(isWhole
      ? wholeOf(s)
      : kinds.flatMap((kind) => [`  Bare det du kan sende: ${titles[kind].toLowerCase()}.`, ...partOf(countsOf(s, kind))])),
    broken.length === 0 ? '  Delene går opp i helheten.' : `  Går ikke opp: ${broken.join('; ')}`,
    `  SHA-256 ${sha256}${isWhole ? '' : ' (av hele oppgjøret)'}`,
    '',
  ].join('\n');
}

const countsOf = (s: Statement, kind: PostKind): Counts => (kind === 'file' ? s.files : s.messages);

function wholeOf(s: Statement): string[] {
  return [
    ...partOf(s),
    ...postKinds.map((kind) => `  ${titles[kind]}: ${stockOf(countsOf(s, kind))}`),
    ...(s.forAnother ? forAnotherOf(s.forAnother) : []),
  ];
}

/** Left out where there is nothing to tell. */
function forAnotherOf(counts: Counts): string[] {
  if (Object.values(counts.stock).every((n) => n === 0)) return [];
  return ['  Sendt på andres tjenester, som eieren svarer for (ikke med i tallene over):', ...partOf(counts)];
}

function partOf(counts: Counts): string[] {
  const stock = stockOf(counts);
  return [
    `  ${stock[0]!.toUpperCase()}${stock.slice(1)}`,
    ...section('Avsluttet:', counts.closedBy, outcomes),
    ...section('Ikke åpnet, og hvorfor:', counts.openBy, causes),
    ...section('Ikke åpnet, og hvor lenge:', counts.openAge, ages),
    ...section('Ikke åpnet, og hvem som kan åpne:', counts.openByClass, classes),
  ];
}

const stockOf = ({ stock: { openBefore, accepted, returned, closed, openAfter } }: Counts): string =>
  `åpne ved døgnets start ${openBefore}, tatt imot ${accepted}, ${returned ? `kom i retur på papir ${returned}, ` : ''}avsluttet ${closed}, åpne ved døgnets slutt ${openAfter}`;

function section(title: string, counts: Readonly<Record<string, number>>, words: Words): string[] {
  const some = Object.entries(counts).filter(([, n]) => n > 0);
  return some.length === 0 ? [] : [`  ${title}`, ...some.map(([key, n]) => `    ${String(n).padStart(8)}  ${words[key] ?? key}`)];
}
