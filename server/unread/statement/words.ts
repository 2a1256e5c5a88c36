import type { Party } from '#register/index.ts';
import type { PostKind } from '../policies.ts';
import type { Counts } from './compose-statement.ts';

export type Words = Readonly<Record<string, string>>;

export interface StatementWords {
  readonly titles: Readonly<Record<PostKind, string>>;
  readonly heading: (day: string, from: string, to: string) => string;
  readonly onlyYours: string;
  readonly addsUp: string;
  readonly broken: string;
  readonly ofAll: string;
  readonly forAnother: string;
  readonly closed: string;
  readonly why: string;
  readonly age: string;
  readonly who: string;
  readonly stock: (stock: Counts['stock']) => string;
  readonly outcomes: Words;
  readonly causes: Words;
  readonly ages: Words;
  readonly classes: Words;
}

/** Of the statement for people, in the language that the sender has in the register. */
export const statementWords: Readonly<Record<Party['language'], StatementWords>> = {
  nb: {
    titles: { message: 'Meldinger', file: 'Filer' },
    heading: (day, from, to) => `Oppgjør for ${day} (${from} til ${to}, norsk døgn)`,
    onlyYours: 'Bare det du kan sende',
    addsUp: 'Delene går opp i helheten.',
    broken: 'Går ikke opp',
    ofAll: '(av hele oppgjøret)',
    forAnother: 'Sendt på andres tjenester, som eieren svarer for (ikke med i tallene over):',
    closed: 'Avsluttet:',
    why: 'Ikke åpnet, og hvorfor:',
    age: 'Ikke åpnet, og hvor lenge:',
    who: 'Ikke åpnet, og hvem som kan åpne:',
    stock: ({ openBefore, accepted, returned, closed, openAfter }) =>
      `åpne ved døgnets start ${openBefore}, tatt imot ${accepted}, ${returned ? `kom i retur på papir ${returned}, ` : ''}avsluttet ${closed}, åpne ved døgnets slutt ${openAfter}`,
    outcomes: {
      opened: 'åpnet',
      confirmed: 'bekreftet',
      'handed-over': 'hentet av mottakers system',
      'read-elsewhere': 'lest et annet sted',
      relayed: 'sendt videre på papir',
      recalled: 'trukket tilbake',
      'deleted-by-recipient': 'slettet av mottaker',
      failed: 'kunne ikke leveres',
      'accepted-unread': 'avsender har tatt stilling: blir ikke lest',
    },
    causes: {
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
    },
    ages: {
      d0: 'mindre enn ett døgn',
      d1: 'ett døgn',
      d2to7: 'to til sju døgn',
      d8to30: 'åtte til tretti døgn',
      d31plus: 'mer enn tretti døgn',
    },
    classes: {
      UNREACHABLE: 'ingen',
      GRANTABLE: 'ingen ennå, men noen kan gi tilgang',
      COLD: 'noen, som ikke er sett på lenge',
      REACHABLE: 'noen',
      PROVEN: 'noen som har åpnet slik post før',
      UNKNOWN: 'ikke kjent',
      'not-known': 'har endret seg siden døgnets slutt',
    },
  },
  nn: {
    titles: { message: 'Meldingar', file: 'Filer' },
    heading: (day, from, to) => `Oppgjer for ${day} (${from} til ${to}, norsk døgn)`,
    onlyYours: 'Berre det du kan sende',
    addsUp: 'Delane går opp i heilskapen.',
    broken: 'Går ikkje opp',
    ofAll: '(av heile oppgjeret)',
    forAnother: 'Sende på tenestene til andre, som eigaren svarer for (ikkje med i tala over):',
    closed: 'Avslutta:',
    why: 'Ikkje opna, og kvifor:',
    age: 'Ikkje opna, og kor lenge:',
    who: 'Ikkje opna, og kven som kan opne:',
    stock: ({ openBefore, accepted, returned, closed, openAfter }) =>
      `opne ved starten av døgnet ${openBefore}, tekne imot ${accepted}, ${returned ? `kom i retur på papir ${returned}, ` : ''}avslutta ${closed}, opne ved slutten av døgnet ${openAfter}`,
    outcomes: {
      opened: 'opna',
      confirmed: 'stadfesta',
      'handed-over': 'henta av systemet til mottakaren',
      'read-elsewhere': 'lesen ein annan stad',
      relayed: 'send vidare på papir',
      recalled: 'trekt tilbake',
      'deleted-by-recipient': 'sletta av mottakar',
      failed: 'kunne ikkje leverast',
      'accepted-unread': 'avsendar har teke stilling: blir ikkje lesen',
    },
    causes: {
      'not-published': 'ikkje klar enno',
      returned: 'kom i retur på papir',
      'receiver-gone': 'mottakaren finst ikkje lenger',
      'no-opener': 'ingen kan opne',
      'grant-needed': 'nokon må gi tilgang',
      'attachment-locked': 'ingen kan opne vedlegget',
      'opened-not-confirmed': 'opna, ikkje stadfesta',
      'file-not-fetched': 'fila er ikkje henta',
      'no-contact-point': 'manglar varslingsadresse',
      'notification-failed': 'varselet kom ikkje fram',
      'not-notified': 'ikkje varsla',
      waiting: 'blir varsla seinare',
      unknown: 'vi kan ikkje vite kvifor',
      'notified-not-opened': 'varsla, ikkje opna',
      'younger-than-a-day': 'yngre enn eit døgn',
    },
    ages: {
      d0: 'mindre enn eitt døgn',
      d1: 'eitt døgn',
      d2to7: 'to til sju døgn',
      d8to30: 'åtte til tretti døgn',
      d31plus: 'meir enn tretti døgn',
    },
    classes: {
      UNREACHABLE: 'ingen',
      GRANTABLE: 'ingen enno, men nokon kan gi tilgang',
      COLD: 'nokon, som ikkje er sett på lenge',
      REACHABLE: 'nokon',
      PROVEN: 'nokon som har opna slik post før',
      UNKNOWN: 'ikkje kjent',
      'not-known': 'har endra seg sidan slutten av døgnet',
    },
  },
  en: {
    titles: { message: 'Messages', file: 'Files' },
    heading: (day, from, to) => `Statement of ${day} (${from} to ${to}, a day in Norway)`,
    onlyYours: 'Only what you may send',
    addsUp: 'The parts add up.',
    broken: 'Does not add up',
    ofAll: '(of the whole statement)',
    forAnother: 'Sent on services of others, whose owners answer for it (not in the numbers above):',
    closed: 'Ended:',
    why: 'Not opened, and why:',
    age: 'Not opened, and for how long:',
    who: 'Not opened, and who can open:',
    stock: ({ openBefore, accepted, returned, closed, openAfter }) =>
      `open when the day began ${openBefore}, accepted ${accepted}, ${returned ? `came back on paper ${returned}, ` : ''}ended ${closed}, open when it was over ${openAfter}`,
    outcomes: {
      opened: 'opened',
      confirmed: 'confirmed',
      'handed-over': "handed over to the recipient's system",
      'read-elsewhere': 'read elsewhere',
      relayed: 'sent on paper',
      recalled: 'recalled',
      'deleted-by-recipient': 'deleted by the recipient',
      failed: 'could not be delivered',
      'accepted-unread': 'the sender has decided: will stay unread',
    },
    causes: {
      'not-published': 'not ready yet',
      returned: 'came back on paper',
      'receiver-gone': 'the recipient no longer exists',
      'no-opener': 'nobody can open',
      'grant-needed': 'someone must grant access',
      'attachment-locked': 'nobody can open the attachment',
      'opened-not-confirmed': 'opened, not confirmed',
      'file-not-fetched': 'file not fetched',
      'no-contact-point': 'no address to notify',
      'notification-failed': 'the notice did not arrive',
      'not-notified': 'not notified',
      waiting: 'will be notified later',
      unknown: 'we cannot know why',
      'notified-not-opened': 'notified, not opened',
      'younger-than-a-day': 'younger than a day',
    },
    ages: {
      d0: 'less than a day',
      d1: 'one day',
      d2to7: 'two to seven days',
      d8to30: 'eight to thirty days',
      d31plus: 'more than thirty days',
    },
    classes: {
      UNREACHABLE: 'nobody',
      GRANTABLE: 'nobody yet, and someone can grant access',
      COLD: 'someone who has not been seen for long',
      REACHABLE: 'someone',
      PROVEN: 'someone who has opened such post before',
      UNKNOWN: 'not known',
      'not-known': 'has changed since the end of the day',
    },
  },
};
